import { dirname, resolve } from 'node:path'
import { Past } from '../debug/index.ts'
import type { WasmScriptRuntime } from '../index.ts'
import { playTicks } from './play-ticks.ts'
import { beginReplay, codeOptions, findGame, type RecordedGameOptions, readRecording } from './recorded-game.ts'
import type { Simulation } from './simulation.ts'

/** A recording that is played to look at its past. */
export interface RecordedPast {
  readonly simulation: Simulation
  readonly past: Past
  /** The number of ticks in it. */
  readonly ticks: number
  /** The folder from which it names the files of the game that called the runtime; `undefined` if it names none, as that of a page. */
  readonly folder: string | undefined
  /** Plays it as long as `goesOn` returns true; `onTurn` is called now and then. Both get the number of ticks that were played. */
  play(goesOn: (played: number) => boolean, onTurn?: (played: number) => void): Promise<void>
}

/** A tick takes so many seconds of game time at most. */
const MAX_DT = 10
const MAX_BYTES = 1024 * 1024 * 1024

/**
 * Opens a recording with the code that was recorded: that of the files if it is the same, as it leads to their lines. `warn` is called with a sentence if
 * it is not, and if the game does not run as recorded. The caller disposes of the past and of the runtime. Rejects with the errors of `bitscript replay`.
 */
export async function openRecordedPast(file: string, options: RecordedGameOptions, warn: (warning: string) => void): Promise<RecordedPast> {
  const recording = await readRecording(file)
  const game = await findGame(file, recording, options)
  const begin = (scripts: 'loaded' | 'recorded') => beginReplay(game, recording, { scripts, ...codeOptions(options) }, () => undefined)
  let { simulation, play: replay } = await begin('loaded')
  const changed = replay.scripts.filter(({ state }) => state === 'changed').map(({ script }) => script)
  if (changed.length > 0) {
    warn(`the code of ${changed.join(', ')} differs from the recording: this is the recorded code, whose lines may be others`)
    simulation.runtime.dispose()
    ;({ simulation, play: replay } = await begin('recorded'))
  }
  const noted = recording.content.notes.folder
  return {
    ...{ simulation, past: keepAll(simulation.runtime, recording.ticks), ticks: recording.ticks },
    folder: noted === undefined ? undefined : resolve(dirname(file), noted),
    async play(goesOn, onTurn = () => undefined) {
      await playTicks(
        () => replay.ticks < recording.ticks && goesOn(replay.ticks),
        () => replay.step(),
        () => onTurn(replay.ticks),
      )
      // What came after the last tick.
      if (replay.ticks === recording.ticks) await replay.run()
      if (!replay.report().matches)
        warn('the game did not run as recorded: something changes the world without runtime.write, spawn or despawn')
    },
  }
}

/** Keeps the past of a game from its first tick on. */
export function keepAll(runtime: WasmScriptRuntime, ticks: number): Past {
  return new Past(runtime, { seconds: MAX_DT * (ticks + 1), bytes: MAX_BYTES })
}
