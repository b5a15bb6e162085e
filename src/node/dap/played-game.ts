import { basename } from 'node:path'
import { DebugSession, type Past } from '../../debug/index.ts'
import { callerPath } from '../caller-path.ts'
import { loadSimulation } from '../load-simulation.ts'
import { playTicks } from '../play-ticks.ts'
import { keepAll, openRecordedPast } from '../recorded-past.ts'
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

const DEFAULT_TICKS = 600
/** Faults that are listed. */
const MAX_FAULTS = 5

/** Plays a game, and resolves with its past for an editor. */
export async function playGame(game: GameToPlay, send: SendEvent): Promise<Debuggee> {
  const print = (line: string): void => send('output', { category: 'console', output: `${line}\n` })
  const { recording, simulation: path, tick } = game
  const { simulation, past, play, folder } =
    recording === undefined ? await beginSimulation(game) : await beginRecording(recording, game, print)
  const close = (): void => {
    past.dispose()
    simulation.runtime.dispose()
  }
  try {
    await playAndListFaults(simulation, past, play, print)
    const session = new DebugSession(past, {
      title: basename(recording ?? path ?? ''),
      tick,
      callerPath: (file) => callerPath(folder, file),
      send,
    })
    return {
      handle: (command, args) => session.handle(command, args),
      close() {
        session.close()
        close()
      },
    }
  } catch (error) {
    close()
    throw simulationError('the simulation could not be played', error)
  }
}

/** A game that is about to be played. */
interface Begun {
  readonly simulation: Simulation
  readonly past: Past
  /** The folder from which a recording names the files of the game. */
  readonly folder: string | undefined
  readonly play: () => Promise<void>
}

async function beginSimulation({ simulation: path = '', mods, ticks = DEFAULT_TICKS, seed, dt }: GameToPlay): Promise<Begun> {
  const create = await importSimulation(path)
  const simulation = await create({ seed })
  const { runtime } = simulation
  // What scripts log would be all lines of the whole game.
  runtime.on('log', () => undefined)
  const loaded = await loadSimulation(simulation, mods)
  if (loaded !== undefined) await simulation.useMods?.(loaded)
  const past = keepAll(runtime, ticks)
  const last = past.last + ticks
  const play = (): Promise<void> =>
    playTicks(
      () => past.last < last,
      async () => {
        simulation.step(dt)
        await runtime.settle()
      },
    )
  return { simulation, past, play, folder: undefined }
}

async function beginRecording(file: string, { simulation, mods, ticks, trust }: GameToPlay, print: Print): Promise<Begun> {
  const options = { trust, ...(simulation !== undefined && { sim: simulation }), ...(mods !== undefined && { mods }), names: PROPERTIES }
  const { play, ...begun } = await openRecordedPast(file, options, print)
  return { ...begun, play: () => play((played) => ticks === undefined || played < ticks) }
}

/** What a configuration of an editor gives the paths of a recorded game by. */
const PROPERTIES = { sim: "the property 'simulation'", mods: "the property 'mods'" }

type Print = (line: string) => void

async function playAndListFaults({ runtime }: Simulation, past: Past, play: () => Promise<void>, print: Print): Promise<void> {
  const faults: string[] = []
  const off = runtime.on('error', (error) => faults.push(error.message))
  const before = past.last
  await play()
  runtime.on('error', () => undefined)
  off()
  const more = faults.length > MAX_FAULTS ? `\n… ${faults.length - MAX_FAULTS} more` : ''
  print(
    `${past.last - before} ticks played, ${faults.length === 1 ? '1 fault' : `${faults.length} faults`}. Write ? here for what the console knows.`,
  )
  if (faults.length > 0) print(`${faults.slice(0, MAX_FAULTS).join('\n')}${more}`)
}
