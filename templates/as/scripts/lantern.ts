// The lantern flies to where the player points: the farther away that is, the faster.
import { Entity, pointerX, pointerY, positionX, positionY, setVelocityX, setVelocityY } from './game'

const HASTE: f32 = 4

export function update(lantern: Entity, dt: f32): void {
  setVelocityX(lantern, (pointerX(lantern) - positionX(lantern)) * HASTE)
  setVelocityY(lantern, (pointerY(lantern) - positionY(lantern)) * HASTE)
}
