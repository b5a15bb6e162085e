import { readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, relative, resolve, sep } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import colors from 'picocolors'
import { compareWorlds, Recorder, Recording, Replay, type ReplayReport, ScriptError, type WorldDifference } from '../index.ts'
import { formatMistake, shortPath } from './messages.ts'
import { importSimulation, type Simulation, simulationError } from './simulation.ts'
import { Terminal } from './terminal.ts'

export interface ReplayCommandOptions {
  /** Stop after so many ticks. */
  readonly until?: number
  /** Print the world's hash, and nothing else. */
  readonly hash: boolean
  /** Another place of the simulation than the recording tells. */
  readonly sim?: string
  readonly signal: AbortSignal
}

/** How long ticks run before the terminal and signals get their turn, in milliseconds. */
const TURN = 50

/** Begins to record a simulation for `bitscript replay`; what is returned ends it and writes the file. */
export async function recordTo(file: string, sim: string, { runtime }: Simulation): Promise<() => Promise<Recording>> {
  const path = resolve(file)
  const failed = (cause: unknown): never => {
    throw new ScriptError('LoadFailed', `the recording cannot be written to ${shortPath(path)}: ${(cause as Error).message}`, { cause })
  }
  // Known before the game has run, and not after; what is there already stays until there is another.
  await writeFile(path, '', { flag: 'a' }).catch(failed)
  const recorder = new Recorder(runtime, { sim: relative(dirname(path), sim).split(sep).join('/') })
  return async () => {
    const recording = recorder.stop()
    await writeFile(path, recording.toBytes()).catch(failed)
    return recording
  }
}

/**
 * Plays a recording on the scripts as they are now, and prints whether the worlds came to be the same; if not, where they
 * first differ from what the recorded scripts make. Gives the exit code: 0 if they are the same.
 */
export async function replay(file: string, options: ReplayCommandOptions): Promise<number> {
  const terminal = new Terminal()
  const recording = await readRecording(file)
  const sim = options.sim ?? resolve(dirname(file), recording.content.notes.sim ?? '.')
  if ((await stat(sim).catch(() => undefined)) === undefined)
    throw new ScriptError('LoadFailed', `the recorded simulation is not at ${shortPath(sim)} any more: say with --sim where it is`)
  const now = await begin(sim, recording, 'loaded')
  if (!options.hash) now.simulation.runtime.on('error', (error) => terminal.print(formatMistake(error)))
  const changed = now.play.scripts.filter(({ state }) => state !== 'same')
  const then = changed.length > 0 && !options.hash ? await begin(sim, recording, 'recorded') : undefined
  let parting: WorldDifference | undefined
  let at = 0
  let turn = performance.now()
  const until = Math.min(options.until ?? recording.ticks, recording.ticks)
  while (now.play.ticks < until && !options.signal.aborted) {
    await Promise.all([now.play.step(), then?.play.step()])
    if (then !== undefined && parting === undefined) {
      parting = compareWorlds(then.simulation.runtime, now.simulation.runtime)
      at = now.play.ticks
    }
    if (performance.now() - turn < TURN) continue
    await setImmediate()
    turn = performance.now()
    if (!options.hash) terminal.status(`tick ${now.play.ticks} of ${until}`)
  }
  // What the host did after the last tick is part of the end.
  if (until === recording.ticks && !options.signal.aborted) await Promise.all([now.play.run(), then?.play.run()])
  terminal.status('')
  const report = now.play.report()
  for (const { simulation } of [now, then].filter((each) => each !== undefined)) simulation.runtime.dispose()
  if (options.hash) {
    process.stdout.write(`${report.hash}\n`)
    if (!report.matches) process.stderr.write(`${formatParting(report, changed.length > 0)}\n`)
    return report.matches ? 0 : 1
  }
  const lines = [
    `${report.ticks} of ${recording.ticks} ticks replayed, world hash ${colors.cyan(report.hash)}`,
    ...changed.map(({ script, state }) => `${colors.yellow('!')} ${script} is ${state === 'changed' ? 'another than recorded' : state}`),
    parting === undefined ? formatParting(report, changed.length > 0) : formatDifference(parting, at),
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
  return parting === undefined && report.matches ? 0 : 1
}

function formatDifference({ entity, component, field, values }: WorldDifference, tick: number): string {
  const [then, now] = values
  const head = `${colors.red('✗')} the worlds first differ after tick ${tick}: entity ${colors.bold(String(entity))}`
  if (component === undefined)
    return `${head} ${now ? 'lives, and did not when it was recorded' : 'is gone, and lived when it was recorded'}`
  if (field === undefined)
    return `${head} ${now ? `has ${component}, and had it not` : `has no ${component}, and had it`} when it was recorded`
  return `${head}, ${colors.bold(`${component}.${field}`)} is ${now}, and was ${then} when it was recorded`
}

function formatParting({ parted }: ReplayReport, hasChanged: boolean): string {
  if (parted === undefined) return `${colors.green('✓')} the world is what it was when it was recorded`
  const why = hasChanged
    ? ''
    : ', though the scripts are the same: something changes the world past runtime.write, spawn and despawn, or a host function returns something else'
  return `${colors.red('✗')} the worlds part between tick ${parted.after} and tick ${parted.before}${why}`
}

async function begin(sim: string, recording: Recording, scripts: 'loaded' | 'recorded'): Promise<{ simulation: Simulation; play: Replay }> {
  const create = await importSimulation(sim)
  const simulation = await create({ seed: recording.content.seed })
  try {
    await simulation.load()
    return { simulation, play: await Replay.begin(simulation.runtime, recording, { scripts }) }
  } catch (error) {
    simulation.runtime.dispose()
    throw simulationError('the simulation could not be loaded', error)
  }
}

async function readRecording(file: string): Promise<Recording> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(file)
  } catch (cause) {
    throw new ScriptError('LoadFailed', `there is no recording ${shortPath(file)} that could be read`, { cause })
  }
  return Recording.fromBytes(bytes)
}
