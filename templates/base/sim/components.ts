import { type DefinedComponents, defineComponents } from 'bitscript'

/** The size of the meadow. The scripts contain the same numbers. */
export const MEADOW = { width: 960, height: 540 } as const

const columns = {
  Position: { x: 'f32', y: 'f32' },
  Velocity: { x: 'f32', y: 'f32' },
  /** How a firefly looks: its size, and its hue in degrees. */
  Glow: { size: 'f32', hue: 'f32' },
  /** Where the player points. */
  Pointer: { x: 'f32', y: 'f32' },
  Lantern: {},
} as const

export type Components = DefinedComponents<typeof columns>

/** Creates the components of one game. */
export function createComponents(): Components {
  return defineComponents(columns, { capacity: 1000 })
}
