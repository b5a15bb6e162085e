// hunter: the swarm that hunts the player, as scripts-wat/hunter.wat in AssemblyScript.
import {
  addHealth,
  addHunter,
  addLook,
  addPosition,
  addVelocity,
  attach,
  Entity,
  entityOf,
  exists,
  hasStunned,
  playerPosition,
  positionX,
  positionY,
  random,
  removeStunned,
  setHealthPoints,
  setLookHue,
  setLookShape,
  setLookSize,
  setPositionX,
  setPositionY,
  setVelocityX,
  setVelocityY,
  spawn,
  velocityX,
  velocityY,
} from './game'

const SPEED: f32 = 60
const AGILITY: f32 = 1.5

// The player and its position in this tick.
let prey = entityOf(0)
let preyX: f32 = 800
let preyY: f32 = 600

export function on_hatch(x: f32, y: f32): void {
  const hunter = spawn()
  addHunter(hunter)
  addPosition(hunter)
  addVelocity(hunter)
  addHealth(hunter)
  addLook(hunter)
  setPositionX(hunter, x)
  setPositionY(hunter, y)
  setVelocityX(hunter, 0)
  setVelocityY(hunter, 0)
  setHealthPoints(hunter, 2)
  setLookShape(hunter, 1)
  setLookSize(hunter, 5)
  setLookHue(hunter, 330 + 40 * <f32>random())
  attach(hunter)
}

export function tick(dt: f32): void {
  const player = playerPosition.first()
  if (player) prey = player
  if (!exists(prey)) return
  preyX = positionX(prey)
  preyY = positionY(prey)
}

export function update(hunter: Entity, dt: f32): void {
  // A hunter that was hit stands still for one tick.
  if (hasStunned(hunter)) {
    removeStunned(hunter)
    setVelocityX(hunter, 0)
    setVelocityY(hunter, 0)
    return
  }
  const dx = preyX - positionX(hunter)
  const dy = preyY - positionY(hunter)
  const scale = SPEED / max<f32>(1, sqrt<f32>(dx * dx + dy * dy))
  // Turn towards the prey a little each tick, so that the swarm sweeps in curves.
  const turn = min<f32>(1, AGILITY * dt)
  setVelocityX(hunter, velocityX(hunter) + turn * (dx * scale - velocityX(hunter)))
  setVelocityY(hunter, velocityY(hunter) + turn * (dy * scale - velocityY(hunter)))
}
