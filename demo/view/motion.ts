import type { Game } from '../sim/index.ts'

/** A movement of more pixels in one tick is a jump, which is not interpolated. */
const LEAP = 40

/** Interpolates the positions of entities between the last tick and the current one. */
export class Motion {
  readonly #x: Float32Array
  readonly #y: Float32Array
  readonly #position: Game['components']['Position']
  readonly #velocity: Game['components']['Velocity']
  readonly #angle: Float32Array

  constructor({ components }: Game) {
    this.#position = components.Position
    this.#velocity = components.Velocity
    this.#angle = new Float32Array(components.Position.x.length)
    this.#x = components.Position.x.slice()
    this.#y = components.Position.y.slice()
  }

  /** Remembers the current positions. Call it before each tick. */
  remember(): void {
    this.#x.set(this.#position.x)
    this.#y.set(this.#position.y)
  }

  x(entity: number, share: number): number {
    return between(this.#x[entity] as number, this.#position.x[entity] as number, share)
  }

  y(entity: number, share: number): number {
    return between(this.#y[entity] as number, this.#position.y[entity] as number, share)
  }

  /** Returns the direction of an entity's movement in radians; the last direction if it does not move. */
  angle(entity: number): number {
    const [right, down] = [this.#velocity.x[entity] as number, this.#velocity.y[entity] as number]
    if (right !== 0 || down !== 0) this.#angle[entity] = Math.atan2(down, right)
    return this.#angle[entity] as number
  }
}

function between(before: number, now: number, share: number): number {
  return Math.abs(now - before) > LEAP ? now : before + (now - before) * share
}
