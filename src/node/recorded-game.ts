import { readFile, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Recording, Replay, type ReplayOptions, ScriptError } from '../index.ts'
import { fileReason } from './file-error.ts'
import { loadSimulation } from './load-simulation.ts'
import { shortPath } from './short-path.ts'
import { importSimulation, type Simulation } from './simulation.ts'

/** Options of commands that play a recording. */
export interface RecordedGameOptions {
  /** The path of the simulation. @default the path in the recording */
  readonly sim?: string
  /** The path of the mods to load into it. @default the path in the recording, if it has one */
  readonly mods?: string
  /** Give scripts that the recording loads the grants and limits that it names, even beyond those of the simulation's scripts. */
  readonly trust: boolean
  /** What the user gives the two paths by, for messages. @default --sim and --mods */
  readonly names?: { readonly sim: string; readonly mods: string }
}

const OPTION_NAMES = { sim: '--sim', mods: '--mods' }

/** What must be loaded to play a recording. */
export interface RecordedGame {
  /** The path of the simulation. */
  readonly sim: string
  /** The path of its mods. */
  readonly mods?: string | undefined
}

/** Reads a recording. Rejects with `LoadFailed`. */
export async function readRecording(file: string): Promise<Recording> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(file)
  } catch (cause) {
    throw new ScriptError('LoadFailed', `the recording ${shortPath(file)} cannot be read: ${fileReason(cause)}`, { cause })
  }
  return Recording.fromBytes(bytes)
}

/** Resolves with the paths of the simulation and the mods of a recording. Rejects with `InvalidOptions` if it names none, or they are not there. */
export async function findGame(file: string, { content }: Recording, options: RecordedGameOptions): Promise<RecordedGame> {
  const { names = OPTION_NAMES } = options
  const noted = (path: string | undefined): string | undefined => (path === undefined ? undefined : resolve(dirname(file), path))
  const sim = options.sim ?? noted(content.notes.sim)
  if (sim === undefined)
    throw new ScriptError('InvalidOptions', `the recording does not name its simulation; give the path by ${names.sim}`)
  const mods = options.mods ?? noted(content.notes.mods)
  await checkThere(sim, 'simulation is', names.sim)
  if (mods !== undefined) await checkThere(mods, 'mods are', names.mods)
  return { sim, mods }
}

async function checkThere(path: string, what: string, option: string): Promise<void> {
  if ((await stat(path).catch(() => undefined)) === undefined)
    throw new ScriptError('InvalidOptions', `the recorded ${what} not at ${shortPath(path)}; give the path by ${option}`)
}

/** Returns how a recording may load code. */
export function codeOptions({ trust }: RecordedGameOptions): ReplayOptions {
  // What scripts that a recording loads had when it was made.
  return { load: true, ...(trust && { grant: 'recorded' as const, limits: 'recorded' as const }) }
}

/** Begins a replay. Log lines are not printed: they were printed when the game was recorded. */
export async function beginReplay(
  { sim, mods }: RecordedGame,
  recording: Recording,
  options: ReplayOptions,
  onError: (error: ScriptError) => void,
): Promise<{ simulation: Simulation; play: Replay }> {
  const create = await importSimulation(sim)
  const simulation = await create({ seed: recording.content.seed })
  simulation.runtime.on('error', onError)
  simulation.runtime.on('log', () => undefined)
  await loadSimulation(simulation, mods)
  try {
    return { simulation, play: await Replay.begin(simulation.runtime, recording, options) }
  } catch (error) {
    simulation.runtime.dispose()
    throw error
  }
}
