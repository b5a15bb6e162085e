import { basename, dirname, resolve } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { DebugSession, Past } from '../../debug/index.ts'
import { type Recording, ScriptError } from '../../index.ts'
import { loadMods } from '../load-mods.ts'
import { beginReplay, codeOptions, readRecording } from '../recorded-game.ts'
import { importSimulation, type Simulation, simulationError } from '../simulation.ts'
import type { Debuggee, SendEvent } from './debuggee.ts'

/** A game to play before it is debugged. */
export interface GameToPlay {
  /** The path of the simulation. @default that in the recording */
  readonly simulation?: string | undefined
  /** The path of a recording; without it, the simulation runs. */
  readonly recording?: string | undefined
  /** The path of the mods. @default those of the recording, if it has any */
  readonly mods?: string | undefined
  /** The number of ticks to play. @default all of a recording; 600 */
  readonly ticks?: number | undefined
  /** The seed of a simulation without a recording. */
  readonly seed: number
  /** Seconds a tick, of a simulation without a recording. */
  readonly dt: number
  /** The tick at which to begin. @default the first */
  readonly tick?: number | undefined
  /** Whether scripts that the recording loads get the grants and limits that it names, even beyond those of the simulation's scripts. */
  readonly trust: boolean
}

/** Milliseconds of ticks between two turns of the event loop. */
const TURN = 50
/** Bytes of the past: all ticks are to be kept. */
const MAX_PAST = 1024 * 1024 * 1024
const DEFAULT_TICKS = 600
/** Faults that are listed. */
const MAX_FAULTS = 5

/** Plays a game, and resolves with its past for an editor. */
export async function playGame(game: GameToPlay, send: SendEvent): Promise<Debuggee> {
  const print = (line: string): void => send('output', { category: 'console', output: `${line}\n` })
  const recording = game.recording === undefined ? undefined : await readRecording(game.recording)
  const folder = dirname(game.recording ?? '.')
  const { sim, mods: noted } = recording?.content.notes ?? {}
  const path = game.simulation ?? (sim === undefined ? undefined : resolve(folder, sim))
  if (path === undefined) throw new ScriptError('InvalidOptions', 'the recording does not name its simulation: give simulation, a path')
  const mods = game.mods ?? (noted === undefined ? undefined : resolve(folder, noted))
  const { simulation, past, title } =
    recording === undefined ? await runSimulation(path, mods, game, print) : await playRecording(path, mods, recording, game, print)
  try {
    const session = new DebugSession(past, {
      title: game.recording === undefined ? title : basename(game.recording),
      tick: game.tick,
      send,
    })
    return {
      handle: (command, args) => session.handle(command, args),
      close() {
        session.close()
        past.dispose()
        simulation.runtime.dispose()
      },
    }
  } catch (error) {
    simulation.runtime.dispose()
    throw error
  }
}

interface Played {
  readonly simulation: Simulation
  readonly past: Past
  readonly title: string
}

async function runSimulation(
  path: string,
  mods: string | undefined,
  { ticks = DEFAULT_TICKS, seed, dt }: GameToPlay,
  print: Print,
): Promise<Played> {
  const simulation = await open(path, seed)
  try {
    await simulation.load()
    const loaded = mods === undefined ? undefined : await loadMods(simulation, mods)
    if (loaded !== undefined) await simulation.useMods?.(loaded)
    const past = keepAll(simulation, ticks)
    await play(simulation, ticks, print, async () => {
      simulation.step(dt)
      await simulation.runtime.settle()
    })
    return { simulation, past, title: basename(path) }
  } catch (error) {
    simulation.runtime.dispose()
    throw simulationError('the simulation could not be played', error)
  }
}

async function playRecording(
  path: string,
  mods: string | undefined,
  recording: Recording,
  game: GameToPlay,
  print: Print,
): Promise<Played> {
  const begin = (scripts: 'loaded' | 'recorded') =>
    beginReplay({ sim: path, mods }, recording, { scripts, ...codeOptions({ trust: game.trust }) }, () => undefined)
  let { simulation, play: replay } = await begin('loaded')
  const changed = replay.scripts.filter(({ state }) => state === 'changed')
  if (changed.length > 0) {
    print(
      `The code of ${changed.map(({ script }) => script).join(', ')} differs from the recording: the recorded code is debugged, whose lines may be others.`,
    )
    simulation.runtime.dispose()
    ;({ simulation, play: replay } = await begin('recorded'))
  }
  const ticks = Math.min(game.ticks ?? recording.ticks, recording.ticks)
  const past = keepAll(simulation, ticks)
  await play(simulation, ticks, print, () => replay.step())
  const { matches } = replay.report()
  if (!matches) print('The game did not run again as recorded: something changes the world without the runtime.')
  return { simulation, past, title: basename(path) }
}

type Print = (line: string) => void

async function open(path: string, seed: number): Promise<Simulation> {
  const create = await importSimulation(path)
  const simulation = await create({ seed })
  // What scripts log would be all lines of the whole game.
  simulation.runtime.on('log', () => undefined)
  return simulation
}

function keepAll({ runtime }: Simulation, ticks: number): Past {
  // A tick takes 10 seconds at most.
  return new Past(runtime, { seconds: 10 * (ticks + 1), bytes: MAX_PAST })
}

/** Plays ticks, and lists the faults. */
async function play({ runtime }: Simulation, ticks: number, print: Print, step: () => Promise<unknown>): Promise<void> {
  const faults: string[] = []
  const off = runtime.on('error', (error) => faults.push(error.message))
  let turn = performance.now()
  let tick = 0
  for (; tick < ticks; tick++) {
    await step()
    if (performance.now() - turn < TURN) continue
    await setImmediate()
    turn = performance.now()
  }
  off()
  runtime.on('error', () => undefined)
  const more = faults.length > MAX_FAULTS ? `\n… ${faults.length - MAX_FAULTS} more` : ''
  print(`${tick} ticks played, ${faults.length === 1 ? '1 fault' : `${faults.length} faults`}. Write help here for what the console knows.`)
  if (faults.length > 0) print(`${faults.slice(0, MAX_FAULTS).join('\n')}${more}`)
}
