import { type DefinedComponents, defineComponents } from 'bitscript'

const SCHEMA = {
  Position: { x: 'f32', y: 'f32' },
  Velocity: { x: 'f32', y: 'f32' },
  Brain: { state: 'u8', timer: 'i32', energy: 'i32', seed: 'i32' },
  Life: { left: 'i32' },
  /** The number of the first entity that it is or descends from. */
  Origin: { number: 'i32' },
} as const

export type Components = DefinedComponents<typeof SCHEMA>

/** Creates the components of one world. */
export function createComponents(capacity: number): Components {
  // Memory for the entity lists of several runtimes.
  return defineComponents(SCHEMA, { capacity, reserve: capacity * 64 + 2 ** 20 })
}
