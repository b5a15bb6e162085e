import { defineGame, type GameDefinition } from 'bitscript/colyseus/client'

/** The size of the arena. The scripts have the same. */
export const ARENA = { width: 1600, height: 1000 } as const
/** The scripts of the arena, in the order in which they run. */
export const SCRIPTS = ['ship', 'bot', 'star'] as const

/** The name of a script of the arena. */
export type ScriptName = (typeof SCRIPTS)[number]

/** The components of the arena. */
export const COMPONENTS = {
  Position: { x: 'f32', y: 'f32' },
  Velocity: { x: 'f32', y: 'f32' },
  /** Where a seat or a bot steers its ship: -1 to 1. */
  Steer: { x: 'f32', y: 'f32' },
  Ship: { hue: 'u16', score: 'u32' },
  Star: {},
} as const

/** The game of the arena. */
export type Arena = GameDefinition<typeof COMPONENTS>

/** Defines the game, on the server and in pages, from the texts of its scripts. */
export function defineArena(texts: Readonly<Record<ScriptName, string>>): Arena {
  return defineGame({ components: COMPONENTS, capacity: 2048, scripts: texts, seed: 7 })
}
