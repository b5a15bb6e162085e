// pulse: hunters near the player glow and beat.
//
// Lesson: a script in AssemblyScript, which `bitscript build demo/mods` makes from this file by the command in pulse.script.json. While
// `bitscript dev demo/sim --mods demo/mods` runs, a save of this file builds it and reloads it.

// @ts-ignore: a decorator of AssemblyScript
@external('ecs.query', 'Hunter Position Look')
declare function hunters(): i32
// @ts-ignore
@external('ecs.entity', 'Hunter Position Look')
declare function hunter(index: i32): i32
// @ts-ignore
@external('ecs.query', 'Player Position')
declare function players(): i32
// @ts-ignore
@external('ecs.entity', 'Player Position')
declare function player(index: i32): i32
// @ts-ignore
@external('ecs.get', 'Position.x')
declare function xOf(entity: i32): f32
// @ts-ignore
@external('ecs.get', 'Position.y')
declare function yOf(entity: i32): f32
// @ts-ignore
@external('ecs.set', 'Look.hue')
declare function setHue(entity: i32, hue: f32): void
// @ts-ignore
@external('ecs.set', 'Look.size')
declare function setSize(entity: i32, size: f32): void
// @ts-ignore
@external('host', 'time')
declare function time(): f64
// @ts-ignore
@external('math', 'sin')
declare function sin(angle: f64): f64

/** Pixels from the player within which a hunter glows. */
const REACH: f32 = 300

export function tick(dt: f32): void {
  if (players() == 0) return
  const target = player(0)
  const x = xOf(target)
  const y = yOf(target)
  const beat = <f32>sin(time() * 6)
  for (let left = hunters(); left > 0; left--) {
    const entity = hunter(left - 1)
    const dx = xOf(entity) - x
    const dy = yOf(entity) - y
    const near = max<f32>(0, 1 - sqrt<f32>(dx * dx + dy * dy) / REACH)
    setHue(entity, 340 + 30 * near)
    setSize(entity, 7 + 2 * near * beat)
  }
}
