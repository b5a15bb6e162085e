// game.ts: what the game offers to scripts. Made by 'bitscript bindings <simulation> --lang as': do not edit it, make it again.
// A file whose content was edited is not overwritten.
// bitscript bindings, content 097a182ffdc33b7f
// The part of this file that is the same in every game.
//
// A script exports what the game calls, all of it optional:
//
//   export function init(text: usize, length: i32): void     once, after the first load: new Json(text, length) is the config
//   export function tick(dt: f32): void                      once each tick
//   export function update(entity: Entity, dt: f32): void    each tick, for every entity that it runs on
//   export function on_attach(entity: Entity): void          when it starts to run on an entity; on_detach: when it stops
//   export function on_hit(x: f32, y: f32): void             for each event `hit`, in the tick after it
//
// State that a reload carries over, and a snapshot holds: one class of values, without texts and arrays.
//
//   @unmanaged class State { score: i32; aimX: f32; aimY: f32 }
//   export const state = memory.data(offsetof<State>())
//   export const state_size = offsetof<State>()
//   const game = changetype<State>(state)                    game.score++
//
// With `export function get_metadata(): u64 { return metadata('gun', '1.0.0', 2) }` it has version 2. A state of another version or size is
// dropped when code is reloaded, unless there is an export migrate_state(version: i32, old: usize, length: i32): void
//
// What no loaded script has imported yet, a script declares itself:
//
//   @external("emit", "boom") declare function emitBoom(x: f32, y: f32): void
//   @external("metrics.counter", "shots{weapon=laser}") declare function countShots(by: f64): void
//   @external("config.number", "gun.speed") declare function speed(): f64
//   @external("ecs.attach", "drift") declare function attachDrift(entity: Entity): void
//   @external("ecs.query", "Position !Dead") declare function countLiving(): i32
//   @external("ecs.entity", "Position !Dead") declare function living(index: i32): Entity

/** An entity. It is no number, so that it cannot be mixed up with one; `id` is its number. */
// @ts-ignore: a decorator of AssemblyScript
@unmanaged
export class Entity {
  get id(): u32 {
    return changetype<u32>(this)
  }
}

/** Returns the entity of a number. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function entityOf(id: u32): Entity {
  return changetype<Entity>(id)
}

// @ts-ignore: a decorator of AssemblyScript
@external("host", "log_level")
declare function logLine(level: i32, at: usize, length: i32): void
// @ts-ignore: a decorator of AssemblyScript
@external("storage", "get")
declare function storageGetBytes(key: usize, length: i32, to: usize, capacity: i32): i32
// @ts-ignore: a decorator of AssemblyScript
@external("storage", "set")
declare function storageSetBytes(key: usize, length: i32, from: usize, size: i32): i32
// @ts-ignore: a decorator of AssemblyScript
@external("storage", "delete")
declare function storageDeleteBytes(key: usize, length: i32): i32
// @ts-ignore: a decorator of AssemblyScript
@external("http", "request")
declare function requestBytes(at: usize, length: i32): i32

/**
 * Writes UTF-8 into memory that stays: it allocates nothing. What does not fit into 4096 bytes is left out.
 *
 *   const line = Text.begin()
 *   line.add("wave ").integer(wave).add(" begins").log()
 */
// @ts-ignore: a decorator of AssemblyScript
@unmanaged
export class Text {
  length: u32
  capacity: u32

  /** Begins a new text, in place of the last one. */
  static begin(): Text {
    return Text.within(memory.data(4096 + offsetof<Text>()), 4096)
  }

  /** Begins a new text at an address, with room for its two numbers and so many bytes. */
  static within(address: usize, capacity: u32): Text {
    const text = changetype<Text>(address)
    text.length = 0
    text.capacity = capacity
    return text
  }

  /** Where its bytes begin. */
  get at(): usize {
    return changetype<usize>(this) + offsetof<Text>()
  }

  byte(value: i32): Text {
    if (this.length < this.capacity) store<u8>(this.at + this.length++, value)
    return this
  }

  add(text: string): Text {
    for (let index = 0, end = text.length; index < end; index++) {
      let code = text.codePointAt(index)
      if (code > 0xffff) index++
      if (code < 0x80) {
        this.byte(code)
        continue
      }
      if (code < 0x800) this.byte(0xc0 | (code >> 6))
      else {
        if (code < 0x10000) this.byte(0xe0 | (code >> 12))
        else this.byte(0xf0 | (code >> 18)).byte(0x80 | ((code >> 12) & 63))
        this.byte(0x80 | ((code >> 6) & 63))
      }
      this.byte(0x80 | (code & 63))
    }
    return this
  }

  /** Adds a text in quotation marks, as JSON writes it. */
  quoted(text: string): Text {
    this.byte(34)
    for (let index = 0, end = text.length; index < end; index++) {
      const code = text.charCodeAt(index)
      if (code == 34 || code == 92) this.byte(92)
      if (code >= 32 && code < 0x80) this.byte(code)
      else {
        this.add("\\u")
        for (let shift = 12; shift >= 0; shift -= 4) {
          const digit = (code >> shift) & 15
          this.byte(digit + (digit < 10 ? 48 : 87))
        }
      }
    }
    return this.byte(34)
  }

  integer(value: i64): Text {
    if (value < 0) this.byte(45)
    return this.digits(value < 0 ? <u64>-value : <u64>value)
  }

  /** Adds a number with up to 9 decimals, and no zeros at its end; `null` for one that JSON has not. */
  number(value: f64, decimals: i32 = 6): Text {
    if (!isFinite(value)) return this.add("null")
    if (value < 0) this.byte(45)
    value = abs(value)
    let exponent = 0
    for (; value >= 1e18; exponent++) value /= 10
    let scale: u64 = 1
    for (let index = 0; index < decimals && index < 9; index++) scale *= 10
    let whole = <u64>value
    let part = <u64>((value - <f64>whole) * <f64>scale + 0.5)
    if (part >= scale) {
      whole++
      part = 0
    }
    this.digits(whole)
    if (part > 0) this.byte(46)
    for (let place = scale / 10; part > 0; place /= 10) {
      this.byte(<i32>(48 + part / place))
      part %= place
    }
    return exponent > 0 ? this.add("e").integer(exponent) : this
  }

  /** Logs the text: at 0 debug, 1 info, 2 warn, 3 error. */
  log(level: i32 = 1): void {
    logLine(level, this.at, this.length)
  }

  /** Returns the text as exports return it: pointer and length in one number. */
  result(): u64 {
    return ((<u64>this.at) << 32) | this.length
  }

  private digits(value: u64): Text {
    if (value >= 10) this.digits(value / 10)
    return this.byte(<i32>(48 + (value % 10)))
  }
}

/** Logs a line: at 0 debug, 1 info, 2 warn, 3 error. A text that is put together needs memory that is never free again: see {@link Text}. */
export function log(line: string, level: i32 = 1): void {
  Text.within(memory.data(500 + offsetof<Text>()), 500).add(line).log(level)
}

/** Returns what `get_metadata` returns. */
export function metadata(name: string, version: string, stateVersion: i32 = 0): u64 {
  const text = Text.begin().add('{"name":').quoted(name).add(',"version":').quoted(version)
  return text.add(',"state_version":').integer(stateVersion).add("}").result()
}

/** JSON that a script was given: `new Json(text, length).number("gun.speed", 60)`. It is read in place, and valid during the call. */
// @ts-ignore: a decorator of AssemblyScript
@final
export class Json {
  constructor(
    public readonly text: usize,
    public readonly length: i32,
  ) {}

  /** Returns the number at a path of keys and indices, such as `waves.0.size`; `otherwise` if there is none. */
  number(path: string, otherwise: f64 = 0): f64 {
    find(this.text, this.length, path)
    const negative = foundLength > 0 && load<u8>(found) == 45
    let at = found + <usize>negative
    const end = found + foundLength
    if (at >= end || !isDigit(load<u8>(at))) return otherwise
    let value: f64 = 0
    let exponent = 0
    for (; at < end && isDigit(load<u8>(at)); at++) value = value * 10 + <f64>(load<u8>(at) - 48)
    if (at < end && load<u8>(at) == 46) {
      for (at++; at < end && isDigit(load<u8>(at)); at++, exponent--) value = value * 10 + <f64>(load<u8>(at) - 48)
    }
    if (at < end && (load<u8>(at) | 32) == 101) {
      at++
      const down = at < end && load<u8>(at) == 45
      if (at < end && (load<u8>(at) == 45 || load<u8>(at) == 43)) at++
      let given = 0
      for (; at < end && isDigit(load<u8>(at)); at++) if (given < 1000) given = given * 10 + (load<u8>(at) - 48)
      exponent += down ? -given : given
    }
    let power: f64 = 1
    for (let left = exponent < 0 ? -exponent : exponent; left > 0; left--) power *= 10
    value = exponent < 0 ? value / power : value * power
    return negative ? -value : value
  }

  /** Returns the number at a path without its decimals. */
  integer(path: string, otherwise: i32 = 0): i32 {
    return i32(min<f64>(max<f64>(this.number(path, otherwise), i32.MIN_VALUE), i32.MAX_VALUE))
  }

  /** Returns the boolean at a path. */
  flag(path: string, otherwise: bool = false): bool {
    find(this.text, this.length, path)
    if (foundLength == 4 && load<u8>(found) == 116) return true
    return foundLength == 5 && load<u8>(found) == 102 ? false : otherwise
  }

  /** Returns the text at a path, its escapes as they are; `otherwise` if there is none. It takes memory that is never free again. */
  string(path: string, otherwise: string = ""): string {
    find(this.text, this.length, path)
    if (foundLength < 2 || load<u8>(found) != 34) return otherwise
    return String.UTF8.decodeUnsafe(found + 1, foundLength - 2)
  }
}

/** The value that `find` found, of length 0 if there is none. */
let found: usize = 0
let foundLength: i32 = 0

function find(text: usize, length: i32, path: string): void {
  let at = skip(text, text + length)
  let end = endOf(at, text + length)
  for (let key = 0; key < path.length; key++) {
    let stop = path.indexOf(".", key)
    if (stop < 0) stop = path.length
    const kind: i32 = at < end ? load<u8>(at) : 0
    let value: usize = 0
    if (kind == 123 || kind == 91) {
      const last = end
      let wanted = 0
      for (let index = key; index < stop; index++) wanted = wanted * 10 + path.charCodeAt(index) - 48
      let rest = skip(at + 1, last)
      for (let index = 0; rest < last && load<u8>(rest) != 125 && load<u8>(rest) != 93; index++) {
        let after = endOf(rest, last)
        let matches = kind == 91 && index == wanted
        value = rest
        if (kind == 123) {
          matches = after - rest == stop - key + 2
          for (let place = key; matches && place < stop; place++) matches = load<u8>(rest + 1 + place - key) == path.charCodeAt(place)
          value = skip(skip(after, last) + 1, last)
          after = endOf(value, last)
        }
        end = after
        if (matches) break
        value = 0
        rest = skip(after, last)
        if (rest >= last || load<u8>(rest) != 44) break
        rest = skip(rest + 1, last)
      }
    }
    at = value
    if (value == 0) end = 0
    key = stop
  }
  found = at
  foundLength = end > at ? i32(end - at) : 0
}

function isDigit(byte: u8): bool {
  return byte >= 48 && byte <= 57
}

function isSpace(byte: u8): bool {
  return byte == 32 || byte == 10 || byte == 13 || byte == 9
}

function skip(at: usize, end: usize): usize {
  while (at < end && isSpace(load<u8>(at))) at++
  return at
}

/** Returns the end of the value that begins at a place. */
function endOf(at: usize, end: usize): usize {
  let depth = 0
  let quoted = false
  for (; at < end; at++) {
    const byte = load<u8>(at)
    if (quoted) {
      if (byte == 92) at++
      if (byte == 34) quoted = false
      if (byte == 34 && depth == 0) return at + 1
    } else if (byte == 34) quoted = true
    else if (byte == 123 || byte == 91) depth++
    else if (byte == 125 || byte == 93) {
      if (depth == 0) return at
      if (--depth == 0) return at + 1
    } else if (depth == 0 && (byte == 44 || isSpace(byte))) return at
  }
  return at < end ? at : end
}

function keyOf(key: string): Text {
  return Text.within(memory.data(1024 + offsetof<Text>()), 1024).add(key)
}

/** Copies what is kept under a key to where it fits. Returns its length, -1 if there is none. */
export function storageGet(key: string, to: usize, capacity: i32): i32 {
  const name = keyOf(key)
  return storageGetBytes(name.at, name.length, to, capacity)
}

/** Keeps bytes under a key. Returns whether there was room. */
export function storageSet(key: string, from: usize, size: i32): bool {
  const name = keyOf(key)
  return storageSetBytes(name.at, name.length, from, size) == 0
}

/** Removes what is kept under a key. Returns whether there was anything. */
export function storageDelete(key: string): bool {
  const name = keyOf(key)
  return storageDeleteBytes(name.at, name.length) == 1
}

/** Asks a server: JSON `{ url, method?, headers?, body? }`. Returns the number that `on_response` gets, 0 if too many wait. */
export function httpRequest(request: Text): i32 {
  return requestBytes(request.at, request.length)
}

// ---- Entities ----

/** spawn: a new entity, at once; first updated in the next tick (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs", "spawn")
export declare function spawn(): Entity
/** despawn: remove the entity, when the script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs", "despawn")
export declare function despawn(entity: Entity): void
/** exists: 1 if the entity is alive, else 0 (fuel 12) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs", "exists")
export declare function exists(entity: Entity): bool
/** random: seeded, in [0, 1): the number of the entity in this tick, the same at each call (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs", "random")
export declare function entityRandom(entity: Entity): f64
/** attach: run this script on the entity, from the next tick (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs", "attach")
export declare function attach(entity: Entity): void
/** detach: stop running this script on the entity, when the script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs", "detach")
export declare function detach(entity: Entity): void

// ---- The component Position ----

/** Position: 1 if the entity has the component, else 0 (fuel 20) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.has", "Position")
export declare function hasPosition(entity: Entity): bool
/** Position: add the component, at once; its fields begin at 0 (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.add", "Position")
export declare function addPosition(entity: Entity): void
/** Position: remove the component, when the script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.remove", "Position")
export declare function removePosition(entity: Entity): void
/** Position.x: read a field of an entity (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.get", "Position.x")
export declare function positionX(entity: Entity): f32
/** Position.x: write a field of an entity; integers wrap (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.set", "Position.x")
export declare function setPositionX(entity: Entity, value: f32): void
/** Position.y: read a field of an entity (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.get", "Position.y")
export declare function positionY(entity: Entity): f32
/** Position.y: write a field of an entity; integers wrap (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.set", "Position.y")
export declare function setPositionY(entity: Entity, value: f32): void

// ---- The component Velocity ----

/** Velocity: 1 if the entity has the component, else 0 (fuel 20) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.has", "Velocity")
export declare function hasVelocity(entity: Entity): bool
/** Velocity: add the component, at once; its fields begin at 0 (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.add", "Velocity")
export declare function addVelocity(entity: Entity): void
/** Velocity: remove the component, when the script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.remove", "Velocity")
export declare function removeVelocity(entity: Entity): void
/** Velocity.x: read a field of an entity (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.get", "Velocity.x")
export declare function velocityX(entity: Entity): f32
/** Velocity.x: write a field of an entity; integers wrap (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.set", "Velocity.x")
export declare function setVelocityX(entity: Entity, value: f32): void
/** Velocity.y: read a field of an entity (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.get", "Velocity.y")
export declare function velocityY(entity: Entity): f32
/** Velocity.y: write a field of an entity; integers wrap (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.set", "Velocity.y")
export declare function setVelocityY(entity: Entity, value: f32): void

// ---- The component Health ----

/** Health: 1 if the entity has the component, else 0 (fuel 20) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.has", "Health")
export declare function hasHealth(entity: Entity): bool
/** Health: add the component, at once; its fields begin at 0 (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.add", "Health")
export declare function addHealth(entity: Entity): void
/** Health: remove the component, when the script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.remove", "Health")
export declare function removeHealth(entity: Entity): void
/** Health.points: read a field of an entity (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.get", "Health.points")
export declare function healthPoints(entity: Entity): i16
/** Health.points: write a field of an entity; integers wrap (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.set", "Health.points")
export declare function setHealthPoints(entity: Entity, value: i16): void

// ---- The component Life ----

/** Life: 1 if the entity has the component, else 0 (fuel 20) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.has", "Life")
export declare function hasLife(entity: Entity): bool
/** Life: add the component, at once; its fields begin at 0 (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.add", "Life")
export declare function addLife(entity: Entity): void
/** Life: remove the component, when the script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.remove", "Life")
export declare function removeLife(entity: Entity): void
/** Life.left: read a field of an entity (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.get", "Life.left")
export declare function lifeLeft(entity: Entity): f32
/** Life.left: write a field of an entity; integers wrap (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.set", "Life.left")
export declare function setLifeLeft(entity: Entity, value: f32): void

// ---- The component Input ----

/** Input: 1 if the entity has the component, else 0 (fuel 20) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.has", "Input")
export declare function hasInput(entity: Entity): bool
/** Input: add the component, at once; its fields begin at 0 (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.add", "Input")
export declare function addInput(entity: Entity): void
/** Input: remove the component, when the script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.remove", "Input")
export declare function removeInput(entity: Entity): void
/** Input.x: read a field of an entity (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.get", "Input.x")
export declare function inputX(entity: Entity): i8
/** Input.x: write a field of an entity; integers wrap (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.set", "Input.x")
export declare function setInputX(entity: Entity, value: i8): void
/** Input.y: read a field of an entity (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.get", "Input.y")
export declare function inputY(entity: Entity): i8
/** Input.y: write a field of an entity; integers wrap (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.set", "Input.y")
export declare function setInputY(entity: Entity, value: i8): void
/** Input.fire: read a field of an entity (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.get", "Input.fire")
export declare function inputFire(entity: Entity): u8
/** Input.fire: write a field of an entity; integers wrap (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.set", "Input.fire")
export declare function setInputFire(entity: Entity, value: u8): void
/** Input.dash: read a field of an entity (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.get", "Input.dash")
export declare function inputDash(entity: Entity): u8
/** Input.dash: write a field of an entity; integers wrap (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.set", "Input.dash")
export declare function setInputDash(entity: Entity, value: u8): void
/** Input.aimX: read a field of an entity (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.get", "Input.aimX")
export declare function inputAimX(entity: Entity): i8
/** Input.aimX: write a field of an entity; integers wrap (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.set", "Input.aimX")
export declare function setInputAimX(entity: Entity, value: i8): void
/** Input.aimY: read a field of an entity (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.get", "Input.aimY")
export declare function inputAimY(entity: Entity): i8
/** Input.aimY: write a field of an entity; integers wrap (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.set", "Input.aimY")
export declare function setInputAimY(entity: Entity, value: i8): void

// ---- The component Look ----

/** Look: 1 if the entity has the component, else 0 (fuel 20) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.has", "Look")
export declare function hasLook(entity: Entity): bool
/** Look: add the component, at once; its fields begin at 0 (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.add", "Look")
export declare function addLook(entity: Entity): void
/** Look: remove the component, when the script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.remove", "Look")
export declare function removeLook(entity: Entity): void
/** Look.shape: read a field of an entity (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.get", "Look.shape")
export declare function lookShape(entity: Entity): u8
/** Look.shape: write a field of an entity; integers wrap (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.set", "Look.shape")
export declare function setLookShape(entity: Entity, value: u8): void
/** Look.size: read a field of an entity (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.get", "Look.size")
export declare function lookSize(entity: Entity): f32
/** Look.size: write a field of an entity; integers wrap (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.set", "Look.size")
export declare function setLookSize(entity: Entity, value: f32): void
/** Look.hue: read a field of an entity (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.get", "Look.hue")
export declare function lookHue(entity: Entity): f32
/** Look.hue: write a field of an entity; integers wrap (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.set", "Look.hue")
export declare function setLookHue(entity: Entity, value: f32): void

// ---- The component Player ----

/** Player: 1 if the entity has the component, else 0 (fuel 20) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.has", "Player")
export declare function hasPlayer(entity: Entity): bool
/** Player: add the component, at once; its fields begin at 0 (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.add", "Player")
export declare function addPlayer(entity: Entity): void
/** Player: remove the component, when the script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.remove", "Player")
export declare function removePlayer(entity: Entity): void

// ---- The component Hunter ----

/** Hunter: 1 if the entity has the component, else 0 (fuel 20) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.has", "Hunter")
export declare function hasHunter(entity: Entity): bool
/** Hunter: add the component, at once; its fields begin at 0 (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.add", "Hunter")
export declare function addHunter(entity: Entity): void
/** Hunter: remove the component, when the script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.remove", "Hunter")
export declare function removeHunter(entity: Entity): void

// ---- The component Bullet ----

/** Bullet: 1 if the entity has the component, else 0 (fuel 20) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.has", "Bullet")
export declare function hasBullet(entity: Entity): bool
/** Bullet: add the component, at once; its fields begin at 0 (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.add", "Bullet")
export declare function addBullet(entity: Entity): void
/** Bullet: remove the component, when the script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.remove", "Bullet")
export declare function removeBullet(entity: Entity): void

// ---- The component Stunned ----

/** Stunned: 1 if the entity has the component, else 0 (fuel 20) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.has", "Stunned")
export declare function hasStunned(entity: Entity): bool
/** Stunned: add the component, at once; its fields begin at 0 (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.add", "Stunned")
export declare function addStunned(entity: Entity): void
/** Stunned: remove the component, when the script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.remove", "Stunned")
export declare function removeStunned(entity: Entity): void

// ---- The component Shielded ----

/** Shielded: 1 if the entity has the component, else 0 (fuel 20) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.has", "Shielded")
export declare function hasShielded(entity: Entity): bool
/** Shielded: add the component, at once; its fields begin at 0 (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.add", "Shielded")
export declare function addShielded(entity: Entity): void
/** Shielded: remove the component, when the script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.remove", "Shielded")
export declare function removeShielded(entity: Entity): void

// ---- The component Dead ----

/** Dead: 1 if the entity has the component, else 0 (fuel 20) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.has", "Dead")
export declare function hasDead(entity: Entity): bool
/** Dead: add the component, at once; its fields begin at 0 (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.add", "Dead")
export declare function addDead(entity: Entity): void
/** Dead: remove the component, when the script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.remove", "Dead")
export declare function removeDead(entity: Entity): void

// ---- The component Lives ----

/** Lives: 1 if the entity has the component, else 0 (fuel 20) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.has", "Lives")
export declare function hasLives(entity: Entity): bool
/** Lives: add the component, at once; its fields begin at 0 (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.add", "Lives")
export declare function addLives(entity: Entity): void
/** Lives: remove the component, when the script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.remove", "Lives")
export declare function removeLives(entity: Entity): void
/** Lives.left: read a field of an entity (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.get", "Lives.left")
export declare function livesLeft(entity: Entity): u8
/** Lives.left: write a field of an entity; integers wrap (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.set", "Lives.left")
export declare function setLivesLeft(entity: Entity, value: u8): void

// ---- The component Dash ----

/** Dash: 1 if the entity has the component, else 0 (fuel 20) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.has", "Dash")
export declare function hasDash(entity: Entity): bool
/** Dash: add the component, at once; its fields begin at 0 (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.add", "Dash")
export declare function addDash(entity: Entity): void
/** Dash: remove the component, when the script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.remove", "Dash")
export declare function removeDash(entity: Entity): void
/** Dash.left: read a field of an entity (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.get", "Dash.left")
export declare function dashLeft(entity: Entity): f32
/** Dash.left: write a field of an entity; integers wrap (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.set", "Dash.left")
export declare function setDashLeft(entity: Entity, value: f32): void
/** Dash.rest: read a field of an entity (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.get", "Dash.rest")
export declare function dashRest(entity: Entity): f32
/** Dash.rest: write a field of an entity; integers wrap (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.set", "Dash.rest")
export declare function setDashRest(entity: Entity, value: f32): void

// ---- The component Power ----

/** Power: 1 if the entity has the component, else 0 (fuel 20) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.has", "Power")
export declare function hasPower(entity: Entity): bool
/** Power: add the component, at once; its fields begin at 0 (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.add", "Power")
export declare function addPower(entity: Entity): void
/** Power: remove the component, when the script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.remove", "Power")
export declare function removePower(entity: Entity): void
/** Power.left: read a field of an entity (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.get", "Power.left")
export declare function powerLeft(entity: Entity): f32
/** Power.left: write a field of an entity; integers wrap (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.set", "Power.left")
export declare function setPowerLeft(entity: Entity, value: f32): void

// ---- The component Timer ----

/** Timer: 1 if the entity has the component, else 0 (fuel 20) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.has", "Timer")
export declare function hasTimer(entity: Entity): bool
/** Timer: add the component, at once; its fields begin at 0 (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.add", "Timer")
export declare function addTimer(entity: Entity): void
/** Timer: remove the component, when the script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.remove", "Timer")
export declare function removeTimer(entity: Entity): void
/** Timer.left: read a field of an entity (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.get", "Timer.left")
export declare function timerLeft(entity: Entity): f32
/** Timer.left: write a field of an entity; integers wrap (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.set", "Timer.left")
export declare function setTimerLeft(entity: Entity, value: f32): void

// ---- The component Pickup ----

/** Pickup: 1 if the entity has the component, else 0 (fuel 20) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.has", "Pickup")
export declare function hasPickup(entity: Entity): bool
/** Pickup: add the component, at once; its fields begin at 0 (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.add", "Pickup")
export declare function addPickup(entity: Entity): void
/** Pickup: remove the component, when the script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.remove", "Pickup")
export declare function removePickup(entity: Entity): void

// ---- The component Autopilot ----

/** Autopilot: 1 if the entity has the component, else 0 (fuel 20) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.has", "Autopilot")
export declare function hasAutopilot(entity: Entity): bool
/** Autopilot: add the component, at once; its fields begin at 0 (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.add", "Autopilot")
export declare function addAutopilot(entity: Entity): void
/** Autopilot: remove the component, when the script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.remove", "Autopilot")
export declare function removeAutopilot(entity: Entity): void

// ---- The component Score ----

/** Score: 1 if the entity has the component, else 0 (fuel 20) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.has", "Score")
export declare function hasScore(entity: Entity): bool
/** Score: add the component, at once; its fields begin at 0 (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.add", "Score")
export declare function addScore(entity: Entity): void
/** Score: remove the component, when the script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.remove", "Score")
export declare function removeScore(entity: Entity): void
/** Score.points: read a field of an entity (fuel 14) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.get", "Score.points")
export declare function scorePoints(entity: Entity): f64
/** Score.points: write a field of an entity; integers wrap (fuel 14) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.set", "Score.points")
export declare function setScorePoints(entity: Entity, value: f64): void

// ---- Relations ----

/** Follows: the first target of the relation, 0 if there is none (fuel 20) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.target", "Follows")
export declare function followsTarget(entity: Entity): Entity | null
/** Follows: add the relation to a target, at once; its data begin at 0 (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.relate", "Follows")
export declare function relateFollows(entity: Entity, target: Entity): void
/** Follows: remove the relation to a target, when the script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.unrelate", "Follows")
export declare function unrelateFollows(entity: Entity, target: Entity): void

// ---- Other scripts ----

/** boss: run another script on the entity, from the next tick (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.attach", "boss")
export declare function attachBoss(entity: Entity): void
/** boss: stop running another script on the entity, when this script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.detach", "boss")
export declare function detachBoss(entity: Entity): void
/** charger: run another script on the entity, from the next tick (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.attach", "charger")
export declare function attachCharger(entity: Entity): void
/** charger: stop running another script on the entity, when this script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.detach", "charger")
export declare function detachCharger(entity: Entity): void
/** collide: run another script on the entity, from the next tick (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.attach", "collide")
export declare function attachCollide(entity: Entity): void
/** collide: stop running another script on the entity, when this script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.detach", "collide")
export declare function detachCollide(entity: Entity): void
/** dash: run another script on the entity, from the next tick (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.attach", "dash")
export declare function attachDash(entity: Entity): void
/** dash: stop running another script on the entity, when this script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.detach", "dash")
export declare function detachDash(entity: Entity): void
/** gun: run another script on the entity, from the next tick (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.attach", "gun")
export declare function attachGun(entity: Entity): void
/** gun: stop running another script on the entity, when this script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.detach", "gun")
export declare function detachGun(entity: Entity): void
/** hunter: run another script on the entity, from the next tick (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.attach", "hunter")
export declare function attachHunter(entity: Entity): void
/** hunter: stop running another script on the entity, when this script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.detach", "hunter")
export declare function detachHunter(entity: Entity): void
/** mover: run another script on the entity, from the next tick (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.attach", "mover")
export declare function attachMover(entity: Entity): void
/** mover: stop running another script on the entity, when this script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.detach", "mover")
export declare function detachMover(entity: Entity): void
/** pickup: run another script on the entity, from the next tick (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.attach", "pickup")
export declare function attachPickup(entity: Entity): void
/** pickup: stop running another script on the entity, when this script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.detach", "pickup")
export declare function detachPickup(entity: Entity): void
/** player: run another script on the entity, from the next tick (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.attach", "player")
export declare function attachPlayer(entity: Entity): void
/** player: stop running another script on the entity, when this script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.detach", "player")
export declare function detachPlayer(entity: Entity): void
/** reaper: run another script on the entity, from the next tick (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.attach", "reaper")
export declare function attachReaper(entity: Entity): void
/** reaper: stop running another script on the entity, when this script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.detach", "reaper")
export declare function detachReaper(entity: Entity): void
/** score: run another script on the entity, from the next tick (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.attach", "score")
export declare function attachScore(entity: Entity): void
/** score: stop running another script on the entity, when this script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.detach", "score")
export declare function detachScore(entity: Entity): void
/** shield: run another script on the entity, from the next tick (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.attach", "shield")
export declare function attachShield(entity: Entity): void
/** shield: stop running another script on the entity, when this script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.detach", "shield")
export declare function detachShield(entity: Entity): void
/** shot: run another script on the entity, from the next tick (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.attach", "shot")
export declare function attachShot(entity: Entity): void
/** shot: stop running another script on the entity, when this script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.detach", "shot")
export declare function detachShot(entity: Entity): void
/** spark: run another script on the entity, from the next tick (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.attach", "spark")
export declare function attachSpark(entity: Entity): void
/** spark: stop running another script on the entity, when this script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.detach", "spark")
export declare function detachSpark(entity: Entity): void
/** spitter: run another script on the entity, from the next tick (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.attach", "spitter")
export declare function attachSpitter(entity: Entity): void
/** spitter: stop running another script on the entity, when this script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.detach", "spitter")
export declare function detachSpitter(entity: Entity): void
/** spread: run another script on the entity, from the next tick (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.attach", "spread")
export declare function attachSpread(entity: Entity): void
/** spread: stop running another script on the entity, when this script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.detach", "spread")
export declare function detachSpread(entity: Entity): void
/** stars: run another script on the entity, from the next tick (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.attach", "stars")
export declare function attachStars(entity: Entity): void
/** stars: stop running another script on the entity, when this script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.detach", "stars")
export declare function detachStars(entity: Entity): void
/** waves: run another script on the entity, from the next tick (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.attach", "waves")
export declare function attachWaves(entity: Entity): void
/** waves: stop running another script on the entity, when this script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.detach", "waves")
export declare function detachWaves(entity: Entity): void

// ---- Events ----

/** blast: queue an event, with any numbers (fuel 200) */
// @ts-ignore: a decorator of AssemblyScript
@external("emit", "blast")
export declare function emitBlast(value1: f32, value2: f32): void
/** boss: queue an event, with any numbers (fuel 240) */
// @ts-ignore: a decorator of AssemblyScript
@external("emit", "boss")
export declare function emitBoss(value1: f32, value2: f32, value3: i32): void
/** charger: queue an event, with any numbers (fuel 200) */
// @ts-ignore: a decorator of AssemblyScript
@external("emit", "charger")
export declare function emitCharger(value1: f32, value2: f32): void
/** hatch: queue an event, with any numbers (fuel 200) */
// @ts-ignore: a decorator of AssemblyScript
@external("emit", "hatch")
export declare function emitHatch(value1: f32, value2: f32): void
/** hurt: queue an event, with any numbers (fuel 160) */
// @ts-ignore: a decorator of AssemblyScript
@external("emit", "hurt")
export declare function emitHurt(value1: i32): void
/** killed: queue an event, with any numbers (fuel 240) */
// @ts-ignore: a decorator of AssemblyScript
@external("emit", "killed")
export declare function emitKilled(value1: f32, value2: f32, value3: i32): void
/** over: queue an event, with any numbers (fuel 160) */
// @ts-ignore: a decorator of AssemblyScript
@external("emit", "over")
export declare function emitOver(value1: i32): void
/** shoot: queue an event, with any numbers (fuel 240) */
// @ts-ignore: a decorator of AssemblyScript
@external("emit", "shoot")
export declare function emitShoot(value1: f32, value2: f32, value3: f64): void
/** spit: queue an event, with any numbers (fuel 240) */
// @ts-ignore: a decorator of AssemblyScript
@external("emit", "spit")
export declare function emitSpit(value1: f32, value2: f32, value3: f64): void
/** spitter: queue an event, with any numbers (fuel 200) */
// @ts-ignore: a decorator of AssemblyScript
@external("emit", "spitter")
export declare function emitSpitter(value1: f32, value2: f32): void
/** wave: queue an event, with any numbers (fuel 160) */
// @ts-ignore: a decorator of AssemblyScript
@external("emit", "wave")
export declare function emitWave(value1: i32): void

// ---- Functions of the game ----

/** audio.play: a function of the game (fuel 50) */
// @ts-ignore: a decorator of AssemblyScript
@external("audio", "play")
export declare function audioPlay(value1: i32): void

// ---- Time, chance, memory, the log ----

/** time: seconds simulated so far (fuel 12) */
// @ts-ignore: a decorator of AssemblyScript
@external("host", "time")
export declare function time(): f64
/** tick: ticks completed so far (fuel 12) */
// @ts-ignore: a decorator of AssemblyScript
@external("host", "tick")
export declare function ticks(): u32
/** random: seeded, in [0, 1) (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("host", "random")
export declare function random(): f64
/** state_version: in `set_state`: the state_version of the code that saved it, 0 if it gave none (fuel 12) */
// @ts-ignore: a decorator of AssemblyScript
@external("host", "state_version")
export declare function stateVersion(): i32
/** memory_used: bytes of the memory of the instance (fuel 12) */
// @ts-ignore: a decorator of AssemblyScript
@external("host", "memory_used")
export declare function memoryUsed(): i32
/** memory_limit: bytes that it may have: `limits.memoryPages`, or less where other instances have what `totalMemoryPages` allows (fuel 12) */
// @ts-ignore: a decorator of AssemblyScript
@external("host", "memory_limit")
export declare function memoryLimit(): i32
/** memory_pressure: 0 below half of that limit, 1 from there on, 2 from 3/4, 3 from 7/8, 4 from 15/16 (fuel 12) */
// @ts-ignore: a decorator of AssemblyScript
@external("host", "memory_pressure")
export declare function memoryPressure(): i32

// ---- Mathematics, with the same bits on every engine ----

/** sin: sin(x), the same bits on every engine (fuel 240) */
// @ts-ignore: a decorator of AssemblyScript
@external("math", "sin")
export declare function mathSin(x: f64): f64
/** cos: cos(x), the same bits on every engine (fuel 240) */
// @ts-ignore: a decorator of AssemblyScript
@external("math", "cos")
export declare function mathCos(x: f64): f64
/** tan: tan(x), the same bits on every engine (fuel 240) */
// @ts-ignore: a decorator of AssemblyScript
@external("math", "tan")
export declare function mathTan(x: f64): f64
/** asin: asin(x), the same bits on every engine (fuel 20) */
// @ts-ignore: a decorator of AssemblyScript
@external("math", "asin")
export declare function mathAsin(x: f64): f64
/** acos: acos(x), the same bits on every engine (fuel 20) */
// @ts-ignore: a decorator of AssemblyScript
@external("math", "acos")
export declare function mathAcos(x: f64): f64
/** atan: atan(x), the same bits on every engine (fuel 20) */
// @ts-ignore: a decorator of AssemblyScript
@external("math", "atan")
export declare function mathAtan(x: f64): f64
/** exp: exp(x), the same bits on every engine (fuel 45) */
// @ts-ignore: a decorator of AssemblyScript
@external("math", "exp")
export declare function mathExp(x: f64): f64
/** log: log(x), the same bits on every engine (fuel 45) */
// @ts-ignore: a decorator of AssemblyScript
@external("math", "log")
export declare function mathLog(x: f64): f64
/** atan2: atan2(a, b), the same bits on every engine (fuel 22) */
// @ts-ignore: a decorator of AssemblyScript
@external("math", "atan2")
export declare function mathAtan2(a: f64, b: f64): f64
/** pow: pow(a, b), the same bits on every engine (fuel 160) */
// @ts-ignore: a decorator of AssemblyScript
@external("math", "pow")
export declare function mathPow(a: f64, b: f64): f64
/** hypot: hypot(a, b), the same bits on every engine (fuel 72) */
// @ts-ignore: a decorator of AssemblyScript
@external("math", "hypot")
export declare function mathHypot(a: f64, b: f64): f64

// ---- Storage ----

/** used: bytes of all keys and values (fuel 12) */
// @ts-ignore: a decorator of AssemblyScript
@external("storage", "used")
export declare function storageUsed(): i32

// ---- Queries of loaded scripts ----

/** Bullet Position: for (let e = bulletPosition.first(); e; e = bulletPosition.next()) { ... } */
export namespace bulletPosition {
  let at: i32 = 0
  let end: i32 = 0
  // @ts-ignore: a decorator of AssemblyScript
  @external("ecs.query", "Bullet Position")
  export declare function count(): i32
  // @ts-ignore: a decorator of AssemblyScript
  @external("ecs.entity", "Bullet Position")
  export declare function entity(index: i32): Entity
  // @ts-ignore: a decorator of AssemblyScript
  @inline
  export function first(): Entity | null {
    end = count()
    at = 0
    return next()
  }
  // @ts-ignore: a decorator of AssemblyScript
  @inline
  export function next(): Entity | null {
    return at < end ? entity(at++) : null
  }
}
/** Dead Position: for (let e = deadPosition.first(); e; e = deadPosition.next()) { ... } */
export namespace deadPosition {
  let at: i32 = 0
  let end: i32 = 0
  // @ts-ignore: a decorator of AssemblyScript
  @external("ecs.query", "Dead Position")
  export declare function count(): i32
  // @ts-ignore: a decorator of AssemblyScript
  @external("ecs.entity", "Dead Position")
  export declare function entity(index: i32): Entity
  // @ts-ignore: a decorator of AssemblyScript
  @inline
  export function first(): Entity | null {
    end = count()
    at = 0
    return next()
  }
  // @ts-ignore: a decorator of AssemblyScript
  @inline
  export function next(): Entity | null {
    return at < end ? entity(at++) : null
  }
}
/** Hunter Position !Dead: for (let e = hunterPositionNotDead.first(); e; e = hunterPositionNotDead.next()) { ... } */
export namespace hunterPositionNotDead {
  let at: i32 = 0
  let end: i32 = 0
  // @ts-ignore: a decorator of AssemblyScript
  @external("ecs.query", "Hunter Position !Dead")
  export declare function count(): i32
  // @ts-ignore: a decorator of AssemblyScript
  @external("ecs.entity", "Hunter Position !Dead")
  export declare function entity(index: i32): Entity
  // @ts-ignore: a decorator of AssemblyScript
  @inline
  export function first(): Entity | null {
    end = count()
    at = 0
    return next()
  }
  // @ts-ignore: a decorator of AssemblyScript
  @inline
  export function next(): Entity | null {
    return at < end ? entity(at++) : null
  }
}
/** Hunter Velocity !Dead: for (let e = hunterVelocityNotDead.first(); e; e = hunterVelocityNotDead.next()) { ... } */
export namespace hunterVelocityNotDead {
  let at: i32 = 0
  let end: i32 = 0
  // @ts-ignore: a decorator of AssemblyScript
  @external("ecs.query", "Hunter Velocity !Dead")
  export declare function count(): i32
  // @ts-ignore: a decorator of AssemblyScript
  @external("ecs.entity", "Hunter Velocity !Dead")
  export declare function entity(index: i32): Entity
  // @ts-ignore: a decorator of AssemblyScript
  @inline
  export function first(): Entity | null {
    end = count()
    at = 0
    return next()
  }
  // @ts-ignore: a decorator of AssemblyScript
  @inline
  export function next(): Entity | null {
    return at < end ? entity(at++) : null
  }
}
/** Player Position: for (let e = playerPosition.first(); e; e = playerPosition.next()) { ... } */
export namespace playerPosition {
  let at: i32 = 0
  let end: i32 = 0
  // @ts-ignore: a decorator of AssemblyScript
  @external("ecs.query", "Player Position")
  export declare function count(): i32
  // @ts-ignore: a decorator of AssemblyScript
  @external("ecs.entity", "Player Position")
  export declare function entity(index: i32): Entity
  // @ts-ignore: a decorator of AssemblyScript
  @inline
  export function first(): Entity | null {
    end = count()
    at = 0
    return next()
  }
  // @ts-ignore: a decorator of AssemblyScript
  @inline
  export function next(): Entity | null {
    return at < end ? entity(at++) : null
  }
}
/** Player Score: for (let e = playerScore.first(); e; e = playerScore.next()) { ... } */
export namespace playerScore {
  let at: i32 = 0
  let end: i32 = 0
  // @ts-ignore: a decorator of AssemblyScript
  @external("ecs.query", "Player Score")
  export declare function count(): i32
  // @ts-ignore: a decorator of AssemblyScript
  @external("ecs.entity", "Player Score")
  export declare function entity(index: i32): Entity
  // @ts-ignore: a decorator of AssemblyScript
  @inline
  export function first(): Entity | null {
    end = count()
    at = 0
    return next()
  }
  // @ts-ignore: a decorator of AssemblyScript
  @inline
  export function next(): Entity | null {
    return at < end ? entity(at++) : null
  }
}
/** Position Velocity !Dead: for (let e = positionVelocityNotDead.first(); e; e = positionVelocityNotDead.next()) { ... } */
export namespace positionVelocityNotDead {
  let at: i32 = 0
  let end: i32 = 0
  // @ts-ignore: a decorator of AssemblyScript
  @external("ecs.query", "Position Velocity !Dead")
  export declare function count(): i32
  // @ts-ignore: a decorator of AssemblyScript
  @external("ecs.entity", "Position Velocity !Dead")
  export declare function entity(index: i32): Entity
  // @ts-ignore: a decorator of AssemblyScript
  @inline
  export function first(): Entity | null {
    end = count()
    at = 0
    return next()
  }
  // @ts-ignore: a decorator of AssemblyScript
  @inline
  export function next(): Entity | null {
    return at < end ? entity(at++) : null
  }
}
/** Bullet !Dead: for (let e = bulletNotDead.first(); e; e = bulletNotDead.next()) { ... } */
export namespace bulletNotDead {
  let at: i32 = 0
  let end: i32 = 0
  // @ts-ignore: a decorator of AssemblyScript
  @external("ecs.query", "Bullet !Dead")
  export declare function count(): i32
  // @ts-ignore: a decorator of AssemblyScript
  @external("ecs.entity", "Bullet !Dead")
  export declare function entity(index: i32): Entity
  // @ts-ignore: a decorator of AssemblyScript
  @inline
  export function first(): Entity | null {
    end = count()
    at = 0
    return next()
  }
  // @ts-ignore: a decorator of AssemblyScript
  @inline
  export function next(): Entity | null {
    return at < end ? entity(at++) : null
  }
}
/** Hunter !Dead: for (let e = hunterNotDead.first(); e; e = hunterNotDead.next()) { ... } */
export namespace hunterNotDead {
  let at: i32 = 0
  let end: i32 = 0
  // @ts-ignore: a decorator of AssemblyScript
  @external("ecs.query", "Hunter !Dead")
  export declare function count(): i32
  // @ts-ignore: a decorator of AssemblyScript
  @external("ecs.entity", "Hunter !Dead")
  export declare function entity(index: i32): Entity
  // @ts-ignore: a decorator of AssemblyScript
  @inline
  export function first(): Entity | null {
    end = count()
    at = 0
    return next()
  }
  // @ts-ignore: a decorator of AssemblyScript
  @inline
  export function next(): Entity | null {
    return at < end ? entity(at++) : null
  }
}
// what scripts name: {"scripts":["boss","charger","collide","dash","gun","hunter","mover","pickup","player","reaper","score","shield","shot","spark","spitter","spread","stars","waves"],"events":[["boss",[["f32","f32","i32"]]],["charger",[["f32","f32"]]],["hatch",[["f32","f32"]]],["hurt",[["i32"]]],["killed",[["f32","f32"],["f32","f32","i32"]]],["shoot",[["f32","f32","f64"]]],["spit",[["f32","f32","f64"]]],["spitter",[["f32","f32"]]],["wave",[["i32"]]]],"imports":[{"module":"audio","name":"play","params":["i32"],"results":[]},{"module":"ecs.entity","name":"Bullet Position","params":["i32"],"results":["i32"]},{"module":"ecs.entity","name":"Dead Position","params":["i32"],"results":["i32"]},{"module":"ecs.entity","name":"Hunter Position !Dead","params":["i32"],"results":["i32"]},{"module":"ecs.entity","name":"Hunter Velocity !Dead","params":["i32"],"results":["i32"]},{"module":"ecs.entity","name":"Player Position","params":["i32"],"results":["i32"]},{"module":"ecs.entity","name":"Player Score","params":["i32"],"results":["i32"]},{"module":"ecs.entity","name":"Position Velocity !Dead","params":["i32"],"results":["i32"]},{"module":"ecs.query","name":"Bullet !Dead","params":[],"results":["i32"]},{"module":"ecs.query","name":"Bullet Position","params":[],"results":["i32"]},{"module":"ecs.query","name":"Dead Position","params":[],"results":["i32"]},{"module":"ecs.query","name":"Hunter !Dead","params":[],"results":["i32"]},{"module":"ecs.query","name":"Hunter Position !Dead","params":[],"results":["i32"]},{"module":"ecs.query","name":"Hunter Velocity !Dead","params":[],"results":["i32"]},{"module":"ecs.query","name":"Player Position","params":[],"results":["i32"]},{"module":"ecs.query","name":"Player Score","params":[],"results":["i32"]},{"module":"ecs.query","name":"Position Velocity !Dead","params":[],"results":["i32"]},{"module":"emit","name":"blast","params":["f32","f32"],"results":[]},{"module":"emit","name":"boss","params":["f32","f32","i32"],"results":[]},{"module":"emit","name":"charger","params":["f32","f32"],"results":[]},{"module":"emit","name":"hatch","params":["f32","f32"],"results":[]},{"module":"emit","name":"hurt","params":["i32"],"results":[]},{"module":"emit","name":"killed","params":["f32","f32","i32"],"results":[]},{"module":"emit","name":"over","params":["i32"],"results":[]},{"module":"emit","name":"shoot","params":["f32","f32","f64"],"results":[]},{"module":"emit","name":"spit","params":["f32","f32","f64"],"results":[]},{"module":"emit","name":"spitter","params":["f32","f32"],"results":[]},{"module":"emit","name":"wave","params":["i32"],"results":[]}]}
