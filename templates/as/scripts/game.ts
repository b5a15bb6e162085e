// game.ts: what the game offers to scripts. Made by 'bitscript bindings <simulation> --lang as': do not edit it, make it again.
// A file whose content was edited is not overwritten.
// bitscript bindings, content 8676a2dea61bd2ec
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

// ---- The component Glow ----

/** Glow: 1 if the entity has the component, else 0 (fuel 20) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.has", "Glow")
export declare function hasGlow(entity: Entity): bool
/** Glow: add the component, at once; its fields begin at 0 (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.add", "Glow")
export declare function addGlow(entity: Entity): void
/** Glow: remove the component, when the script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.remove", "Glow")
export declare function removeGlow(entity: Entity): void
/** Glow.size: read a field of an entity (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.get", "Glow.size")
export declare function glowSize(entity: Entity): f32
/** Glow.size: write a field of an entity; integers wrap (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.set", "Glow.size")
export declare function setGlowSize(entity: Entity, value: f32): void
/** Glow.hue: read a field of an entity (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.get", "Glow.hue")
export declare function glowHue(entity: Entity): f32
/** Glow.hue: write a field of an entity; integers wrap (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.set", "Glow.hue")
export declare function setGlowHue(entity: Entity, value: f32): void

// ---- The component Pointer ----

/** Pointer: 1 if the entity has the component, else 0 (fuel 20) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.has", "Pointer")
export declare function hasPointer(entity: Entity): bool
/** Pointer: add the component, at once; its fields begin at 0 (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.add", "Pointer")
export declare function addPointer(entity: Entity): void
/** Pointer: remove the component, when the script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.remove", "Pointer")
export declare function removePointer(entity: Entity): void
/** Pointer.x: read a field of an entity (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.get", "Pointer.x")
export declare function pointerX(entity: Entity): f32
/** Pointer.x: write a field of an entity; integers wrap (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.set", "Pointer.x")
export declare function setPointerX(entity: Entity, value: f32): void
/** Pointer.y: read a field of an entity (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.get", "Pointer.y")
export declare function pointerY(entity: Entity): f32
/** Pointer.y: write a field of an entity; integers wrap (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.set", "Pointer.y")
export declare function setPointerY(entity: Entity, value: f32): void

// ---- The component Lantern ----

/** Lantern: 1 if the entity has the component, else 0 (fuel 20) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.has", "Lantern")
export declare function hasLantern(entity: Entity): bool
/** Lantern: add the component, at once; its fields begin at 0 (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.add", "Lantern")
export declare function addLantern(entity: Entity): void
/** Lantern: remove the component, when the script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.remove", "Lantern")
export declare function removeLantern(entity: Entity): void

// ---- Other scripts ----

/** drift: run another script on the entity, from the next tick (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.attach", "drift")
export declare function attachDrift(entity: Entity): void
/** drift: stop running another script on the entity, when this script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.detach", "drift")
export declare function detachDrift(entity: Entity): void
/** fireflies: run another script on the entity, from the next tick (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.attach", "fireflies")
export declare function attachFireflies(entity: Entity): void
/** fireflies: stop running another script on the entity, when this script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.detach", "fireflies")
export declare function detachFireflies(entity: Entity): void
/** lantern: run another script on the entity, from the next tick (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.attach", "lantern")
export declare function attachLantern(entity: Entity): void
/** lantern: stop running another script on the entity, when this script's run ends (fuel 30) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.detach", "lantern")
export declare function detachLantern(entity: Entity): void

// ---- Events ----

/** caught: queue an event, with any numbers (fuel 240) */
// @ts-ignore: a decorator of AssemblyScript
@external("emit", "caught")
export declare function emitCaught(value1: f32, value2: f32, value3: i32): void

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

/** Lantern Position: for (let e = lanternPosition.first(); e; e = lanternPosition.next()) { ... } */
export namespace lanternPosition {
  let at: i32 = 0
  let end: i32 = 0
  // @ts-ignore: a decorator of AssemblyScript
  @external("ecs.query", "Lantern Position")
  export declare function count(): i32
  // @ts-ignore: a decorator of AssemblyScript
  @external("ecs.entity", "Lantern Position")
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
// what scripts name: {"scripts":["drift","fireflies","lantern"],"events":[],"imports":[{"module":"ecs.entity","name":"Lantern Position","params":["i32"],"results":["i32"]},{"module":"ecs.query","name":"Lantern Position","params":[],"results":["i32"]},{"module":"emit","name":"caught","params":["f32","f32","i32"],"results":[]}]}
