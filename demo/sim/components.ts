import { type DefinedComponents, defineComponents } from 'bitscript'

/** The size of the arena in pixels. The scripts contain the same numbers. */
export const ARENA = { width: 1600, height: 1200 } as const

/** The shapes, by the number in `Look.shape`. */
export const SHAPES = [
  'player',
  'hunter',
  'bullet',
  'spark',
  'star',
  'charger',
  'spitter',
  'boss',
  'shot',
  'heart',
  'power',
  'bomb',
] as const

/** The sounds, by the number that a script passes to `audio.play`. */
export const SOUNDS = ['shot', 'kill', 'hurt', 'dash', 'pickup', 'blast', 'spit', 'charge', 'boss'] as const

const columns = {
  Position: { x: 'f32', y: 'f32' },
  Velocity: { x: 'f32', y: 'f32' },
  Health: { points: 'i16' },
  Life: { left: 'f32' },
  /**
   * The input of the player: -1, 0 or 1 in each direction, whether to fire and to dash, and where to aim: a direction of any length, 0 and 0
   * for the nearest enemy.
   */
  Input: { x: 'i8', y: 'i8', fire: 'u8', dash: 'u8', aimX: 'i8', aimY: 'i8' },
  /** How an entity is drawn: a shape, its size in pixels, its hue in degrees. */
  Look: { shape: 'u8', size: 'f32', hue: 'f32' },
  Player: {},
  /** An enemy of any kind. */
  Hunter: {},
  Bullet: {},
  Stunned: {},
  Shielded: {},
  Dead: {},
  /** Lives of the player. With none left the game is over. */
  Lives: { left: 'u8' },
  /** Seconds that the player goes on dashing, and until it can dash again. */
  Dash: { left: 'f32', rest: 'f32' },
  /** Seconds for which the player shoots twice as often. */
  Power: { left: 'f32' },
  /** Seconds until an enemy acts. */
  Timer: { left: 'f32' },
  /** Something to take: a heart, power or a bomb, by `Look.shape`. */
  Pickup: {},
  /** The player steers itself, because nobody does. */
  Autopilot: {},
} as const

/** `Score` is a plain bitECS component, which scripts access in the same way as the others. */
export type Components = DefinedComponents<typeof columns> & { readonly Score: { readonly points: number[] } }

/** Creates the components of one game. */
export function createComponents(): Components {
  return { ...defineComponents(columns, { capacity: 32_768 }), Score: { points: [] } }
}
