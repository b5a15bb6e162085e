import { setImmediate } from 'node:timers/promises'
import { Past } from '../debug/index.ts'
import { type Replay, ScriptError } from '../index.ts'
import { printError, style } from './output.ts'
import { beginReplay, codeOptions, findGame, type RecordedGameOptions, readRecording } from './recorded-game.ts'
import type { Simulation } from './simulation.ts'
import { Terminal } from './terminal.ts'

/** Options of commands that look at the past of a recording. */
export interface PlayedPastOptions extends RecordedGameOptions {
  /** The tick after which nothing needs to be played. @default the last */
  readonly last?: number | undefined
  /** Called with the game before it is played: throws for what it does not have. */
  readonly check?: ((simulation: Simulation) => void) | undefined
  /** Ends the command early. */
  readonly signal: AbortSignal
}

/** A recording that was played, and all of its past. */
export interface PlayedPast {
  readonly past: Past
  readonly simulation: Simulation
}

/** Milliseconds of ticks between two turns of the event loop, which handle the terminal and signals. */
const TURN = 50
/** A tick takes so many seconds of game time at most. */
const MAX_DT = 10
const MAX_BYTES = 1024 * 1024 * 1024

/**
 * Plays a recording up to a tick with the code that was recorded, calls `look` with its past, and disposes of it. Rejects with
 * `InvalidOptions` for a tick that was not recorded, and with the errors of `bitscript replay`.
 */
export async function lookAtPast<Result>(
  file: string,
  { last, check, signal, ...options }: PlayedPastOptions,
  look: (played: PlayedPast) => Promise<Result>,
): Promise<Result> {
  const recording = await readRecording(file)
  const game = await findGame(file, recording, options)
  const begin = (scripts: 'loaded' | 'recorded') => beginReplay(game, recording, { scripts, ...codeOptions(options) }, () => undefined)
  const { simulation, play } = await beginAsRecorded(begin)
  try {
    check?.(simulation)
    const past = new Past(simulation.runtime, { seconds: MAX_DT * (recording.ticks + 1), bytes: MAX_BYTES })
    const before = past.last
    if (last !== undefined && (last <= before || last > before + recording.ticks))
      throw new ScriptError(
        'InvalidOptions',
        `there is no tick ${last}: the recording has those from ${before + 1} to ${before + recording.ticks}`,
      )
    await playUntil(play, past, last ?? before + recording.ticks, signal)
    if (last === undefined) await play.run()
    if (!play.report().matches)
      printError(
        `${style.yellow('!')} the game did not run as recorded: something changes the world without runtime.write, spawn or despawn`,
      )
    const result = await look({ past, simulation })
    past.dispose()
    return result
  } finally {
    simulation.runtime.dispose()
  }
}

type Begin = (scripts: 'loaded' | 'recorded') => Promise<{ simulation: Simulation; play: Replay }>

/** Begins a replay with the code that was recorded: that of the files if it is the same, as it leads to their lines. */
async function beginAsRecorded(begin: Begin): Promise<{ simulation: Simulation; play: Replay }> {
  const loaded = await begin('loaded')
  const changed = loaded.play.scripts.filter(({ state }) => state === 'changed').map(({ script }) => script)
  if (changed.length === 0) return loaded
  loaded.simulation.runtime.dispose()
  printError(
    `${style.yellow('!')} the code of ${changed.join(', ')} differs from the recording: this is the recorded code, whose lines may be others`,
  )
  return begin('recorded')
}

async function playUntil(play: Replay, past: Past, last: number, signal: AbortSignal): Promise<void> {
  const terminal = new Terminal()
  let turn = performance.now()
  while (past.last < last && !play.isOver && !signal.aborted) {
    await play.step()
    if (performance.now() - turn < TURN) continue
    await setImmediate()
    turn = performance.now()
    terminal.status(`tick ${past.last} of ${last}`)
  }
  terminal.status('')
}
