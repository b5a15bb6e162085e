import { type DefinedComponents, defineComponents } from 'bitscript'

const SCHEMA = {
  Position: { x: 'f32', y: 'f32' },
  Velocity: { x: 'f32', y: 'f32' },
  Brain: { state: 'u8', timer: 'i32', energy: 'i32', seed: 'i32' },
  Life: { left: 'i32' },
  /** The number of the first entity that it is or descends from. */
  Origin: { number: 'i32' },
  Fade: { left: 'f32', size: 'f32' },
  Dead: {},
  Target: { entity: 'eid' },
  Ease: { time: 'f32', from: 'f32', to: 'f32', value: 'f32' },
  Animation: { frame: 'u8', timer: 'u16', frames: 'u8' },
  Spring: { x: 'f64', speed: 'f64' },
} as const

export type Components = DefinedComponents<typeof SCHEMA>

/** Creates the components of one world. */
export function createComponents(capacity: number): Components {
  // Memory for the entity lists of several runtimes.
  return defineComponents(SCHEMA, { capacity, reserve: capacity * 64 + 2 ** 20 })
}
