import { writeFile } from 'node:fs/promises'
import { dirname, relative, resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  compareWorlds,
  Recorder,
  type Recording,
  type ReplayedScript,
  type ReplayReport,
  ScriptError,
  type WorldDifference,
} from '../index.ts'
import { fileReason } from './file-error.ts'
import { formatMistake } from './format-report.ts'
import { print, printError, style } from './output.ts'
import { playTicks } from './play-ticks.ts'
import { beginReplay, codeOptions, findGame, type RecordedGame, type RecordedGameOptions, readRecording } from './recorded-game.ts'
import { shortPath } from './short-path.ts'
import type { Simulation } from './simulation.ts'
import { Terminal } from './terminal.ts'

/** Options of `bitscript replay`. */
export interface ReplayCommandOptions extends RecordedGameOptions {
  /** Stop after this many ticks. */
  readonly until?: number
  /** Print only the hash of the world. */
  readonly hash: boolean
  /** Ends the replay early. */
  readonly signal: AbortSignal
}

/** Starts to record a simulation for `bitscript replay`. Resolves with a function that stops and writes the file. */
export async function recordTo(file: string, { sim, mods }: RecordedGame, { runtime }: Simulation): Promise<() => Promise<Recording>> {
  const path = resolve(file)
  const from = (target: string): string => relative(dirname(path), target).split(sep).join('/')
  const failed = (cause: unknown): never => {
    throw new ScriptError('InvalidOptions', `--record: ${shortPath(path)} cannot be written: ${fileReason(cause)}`, { cause })
  }
  // Fails before the game has run rather than after it. An existing file keeps its content until the recording is complete.
  await writeFile(path, '', { flag: 'a' }).catch(failed)
  const folder = process.cwd()
  const notes = { sim: from(sim), ...(mods !== undefined && { mods: from(mods) }), folder: from(folder) }
  const recorder = new Recorder(runtime, notes, { callers: pathToFileURL(folder) })
  return async () => {
    const recording = recorder.stop()
    await writeFile(path, recording.toBytes()).catch(failed)
    return recording
  }
}

/**
 * Plays a recording with the current scripts, and prints whether the world is the same as recorded. If scripts changed, plays
 * it with the recorded scripts, too, and prints the first difference. Resolves with the exit code: 0 if the worlds are the same.
 */
export async function replay(file: string, options: ReplayCommandOptions): Promise<number> {
  const terminal = new Terminal()
  const recording = await readRecording(file)
  const game = await findGame(file, recording, options)
  const onError = (error: ScriptError): void => {
    if (!options.hash) terminal.print(formatMistake(error))
  }
  const code = codeOptions(options)
  const now = await beginReplay(game, recording, { scripts: 'loaded', ...code }, onError)
  const changed = now.play.scripts.filter(({ state }) => state !== 'same')
  const then =
    changed.length > 0 && !options.hash ? await beginReplay(game, recording, { scripts: 'recorded', ...code }, () => undefined) : undefined
  let parting: WorldDifference | undefined
  let at = 0
  const until = Math.min(options.until ?? recording.ticks, recording.ticks)
  await playTicks(
    () => now.play.ticks < until && !options.signal.aborted,
    async () => {
      await Promise.all([now.play.step(), then?.play.step()])
      if (then === undefined || parting !== undefined) return
      parting = compareWorlds(then.simulation.runtime, now.simulation.runtime)
      at = now.play.ticks
    },
    () => {
      if (!options.hash) terminal.status(`tick ${now.play.ticks} of ${until}`)
    },
  )
  // The recording may contain inputs after the last tick.
  if (until === recording.ticks && !options.signal.aborted) await Promise.all([now.play.run(), then?.play.run()])
  terminal.status('')
  const report = now.play.report()
  for (const { simulation } of [now, then].filter((each) => each !== undefined)) simulation.runtime.dispose()
  if (options.hash) {
    print(report.hash)
    if (!report.matches) printError(formatParting(report, changed.length > 0))
    return report.matches ? 0 : 1
  }
  const lines = [
    `${report.ticks} of ${recording.ticks} ticks replayed, world hash ${style.cyan(report.hash)}`,
    ...changed.map(({ script, state }) => `${style.yellow('!')} ${script}: ${REPLAYED_STATES[state]}`),
    parting === undefined ? formatParting(report, changed.length > 0) : formatDifference(parting, at),
  ]
  print(lines.join('\n'))
  return parting === undefined && report.matches ? 0 : 1
}

const REPLAYED_STATES: Readonly<Record<ReplayedScript['state'], string>> = {
  same: 'its code is as recorded',
  changed: 'its code differs from the recording',
  missing: 'it is in the recording, but is not loaded',
  new: 'it is loaded, but is not in the recording',
}

function formatDifference({ entity, component, relation, target, field, values }: WorldDifference, tick: number): string {
  const [then, now] = values
  const head = `${style.red('✗')} the worlds first differ after tick ${tick}: entity ${style.bold(String(entity))}`
  if (relation !== undefined) {
    const what = field === undefined ? `the target of ${relation}` : `${relation}(${target}).${field}`
    return `${head}: ${what} is ${style.bold(String(now))}, but was ${style.bold(String(then))} in the recording`
  }
  if (component === undefined) return `${head} ${now ? 'exists, but did not in the recording' : 'does not exist, but did in the recording'}`
  if (field === undefined)
    return `${head} ${now ? `has ${component}, but did not in the recording` : `does not have ${component}, but did in the recording`}`
  return `${head}: ${style.bold(`${component}.${field}`)} is ${now}, but was ${then} in the recording`
}

function formatParting({ parted }: ReplayReport, hasChanged: boolean): string {
  if (parted === undefined) return `${style.green('✓')} the world is the same as in the recording`
  const why = hasChanged
    ? ''
    : ', although the scripts are the same: something changes the world without runtime.write, spawn or despawn, or a host function returns different results'
  return `${style.red('✗')} the worlds begin to differ between tick ${parted.after} and tick ${parted.before}${why}`
}
