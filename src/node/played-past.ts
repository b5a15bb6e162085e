import { printError, style } from './output.ts'
import type { RecordedGameOptions } from './recorded-game.ts'
import { openRecordedPast, type RecordedPast } from './recorded-past.ts'
import type { Simulation } from './simulation.ts'
import { Terminal } from './terminal.ts'

/** Options of commands that look at the past of a recording. */
export interface PlayedPastOptions extends RecordedGameOptions {
  /** The tick after which nothing needs to be played. @default the last */
  readonly last?: number | undefined
  /** Called with the game before it is played, and the numbers of the first and the last tick: throws for what there is not. */
  readonly check?: ((simulation: Simulation, first: number, last: number) => void) | undefined
  /** Ends the command early. */
  readonly signal: AbortSignal
}

/** A recording that was played, and all of its past. */
export type PlayedPast = Pick<RecordedPast, 'past' | 'simulation' | 'folder'>

/**
 * Plays a recording up to a tick with the code that was recorded, calls `look` with its past, and disposes of it. Rejects with the errors of `check` and of
 * `bitscript replay`.
 */
export async function lookAtPast<Result>(
  file: string,
  { last, check, signal, ...options }: PlayedPastOptions,
  look: (played: PlayedPast) => Promise<Result>,
): Promise<Result> {
  const terminal = new Terminal()
  const { simulation, past, folder, ticks, play } = await openRecordedPast(file, options, (warning) =>
    printError(`${style.yellow('!')} ${warning}`),
  )
  try {
    const before = past.last
    check?.(simulation, before + 1, before + ticks)
    await play(
      () => !signal.aborted && (last === undefined || past.last < last),
      () => terminal.status(`tick ${past.last} of ${last ?? before + ticks}`),
    )
    terminal.status('')
    return await look({ past, simulation, folder })
  } finally {
    past.dispose()
    simulation.runtime.dispose()
  }
}
