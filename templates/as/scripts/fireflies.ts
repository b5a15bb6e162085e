// Fireflies flutter about. One that the lantern reaches is caught, and rises from the grass again.
import {
  Entity,
  positionX,
  positionY,
  random,
  setPositionX,
  setPositionY,
  setVelocityX,
  setVelocityY,
  Text,
  velocityX,
  velocityY,
} from './game'

const WIDTH: f32 = 960
const HEIGHT: f32 = 540
const REACH: f32 = 36
const FLUTTER: f32 = 24

// What a reload copies to the new code.
// @ts-ignore: a decorator of AssemblyScript
@unmanaged
class State {
  score: i32
}
export const state = memory.data(offsetof<State>())
export const state_size = offsetof<State>()
const game = changetype<State>(state)

// @ts-ignore: a decorator of AssemblyScript
@external("ecs.query", "Lantern Position")
declare function countLanterns(): i32
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.entity", "Lantern Position")
declare function lanternAt(index: i32): Entity
// @ts-ignore: a decorator of AssemblyScript
@external("emit", "caught")
declare function emitCaught(x: f32, y: f32, score: i32): void

let lanternX: f32 = 0
let lanternY: f32 = 0

// Called once each tick, before update.
export function tick(dt: f32): void {
  if (countLanterns() == 0) return
  const lantern = lanternAt(0)
  lanternX = positionX(lantern)
  lanternY = positionY(lantern)
}

// Called each tick, for every entity that the script is attached to.
export function update(firefly: Entity, dt: f32): void {
  setVelocityX(firefly, fluttered(velocityX(firefly)))
  setVelocityY(firefly, fluttered(velocityY(firefly)))
  const dx = positionX(firefly) - lanternX
  const dy = positionY(firefly) - lanternY
  if (sqrt(dx * dx + dy * dy) < REACH) catchFirefly(firefly)
}

/** Returns a velocity with a bit of chance in it. */
function fluttered(velocity: f32): f32 {
  return velocity * 0.98 + (<f32>random() - 0.5) * FLUTTER
}

function catchFirefly(firefly: Entity): void {
  game.score++
  emitCaught(positionX(firefly), positionY(firefly), game.score)
  if (game.score % 10 == 0) Text.begin().integer(game.score).add(" fireflies are caught").log()
  setPositionX(firefly, <f32>random() * WIDTH)
  setPositionY(firefly, HEIGHT)
  setVelocityX(firefly, 0)
  setVelocityY(firefly, -80)
}
