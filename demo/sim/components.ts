import { type DefinedComponents, defineComponents } from 'bitscript'

/** The size of the arena in pixels. mover.wat and collide.wat contain the same numbers. */
export const ARENA = { width: 1600, height: 1200 } as const

/** The shapes, by the number in `Look.shape`. */
export const SHAPES = ['player', 'hunter', 'bullet', 'spark', 'star'] as const

/** The sounds, by the number that a script passes to `audio.play`. */
export const SOUNDS = ['shot', 'kill', 'hurt'] as const

const columns = {
  Position: { x: 'f32', y: 'f32' },
  Velocity: { x: 'f32', y: 'f32' },
  Health: { points: 'i16' },
  Life: { left: 'f32' },
  /** The input of the player: -1, 0 or 1 in each direction, and whether to fire. */
  Input: { x: 'i8', y: 'i8', fire: 'u8' },
  /** How an entity is drawn: a shape, its size in pixels, its hue in degrees. */
  Look: { shape: 'u8', size: 'f32', hue: 'f32' },
  Player: {},
  Hunter: {},
  Bullet: {},
  Stunned: {},
  Shielded: {},
  Dead: {},
} as const

/** `Score` is a plain bitECS component, which scripts access in the same way as the others. */
export type Components = DefinedComponents<typeof columns> & { readonly Score: { readonly points: number[] } }

/** Creates the components of one game. */
export function createComponents(): Components {
  return { ...defineComponents(columns, { capacity: 32_768 }), Score: { points: [] } }
}
