import type { TraceOptions } from '../debug/index.ts'
import { listEntities, ScriptError } from '../index.ts'
import { formatMistake } from './format-report.ts'
import { formatInputs, formatTrace, jsonOfTrace } from './format-trace.ts'
import { print, printError, printJson, style } from './output.ts'
import { lookAtPast, type PlayedPastOptions } from './played-past.ts'
import type { Simulation } from './simulation.ts'
import { SourceTexts } from './source-texts.ts'

/** Options of `bitscript replay --trace`. */
export interface TraceCommandOptions extends Omit<PlayedPastOptions, 'last' | 'check'> {
  /** The names of the scripts. @default all */
  readonly scripts?: readonly string[] | undefined
  /** The number of the tick. */
  readonly tick: number
  /** The entity that is run on. @default everything that runs */
  readonly entity?: number | undefined
  /** The number of events to print. */
  readonly count: number
  /** Print the events as JSON. */
  readonly json: boolean
}

/** Plays a recording up to a tick, runs that tick again, and prints what happens in it. Resolves with the exit code. */
export function traceTick(file: string, { scripts, tick, entity, count, json, ...options }: TraceCommandOptions): Promise<number> {
  const check = (_: Simulation, first: number, last: number): void => {
    if (tick < first || tick > last)
      throw new ScriptError('InvalidOptions', `--tick: there is no tick ${tick}: the recording has those from ${first} to ${last}`)
  }
  return lookAtPast(file, { ...options, last: tick, check }, async ({ past, folder, simulation: { runtime } }) => {
    const what: TraceOptions = {
      ...(scripts !== undefined && { scripts }),
      ...(entity !== undefined && { entity }),
      window: { from: 0, count },
    }
    const trace = await past.trace(tick, what)
    const { total, length, events, matches, untraced, errors } = trace
    if (total === 0 && entity !== undefined && !listEntities(runtime.world).includes(entity))
      throw new ScriptError('InvalidOptions', `--entity: there is no entity ${entity} in tick ${tick}, and nothing ran on one`)
    const inputs = past.inputs(tick)
    if (json) {
      printJson(
        jsonOfTrace({
          tick,
          inputs: inputs.map(({ input: { kind }, caller }) => ({ kind, caller })),
          total,
          matches,
          untraced,
          errors: errors.map(({ message }) => message),
          events,
        }),
      )
      return 0
    }
    const whose = [...(scripts ?? []), ...(entity === undefined ? [] : [`entity ${entity}`])].join(', ')
    print(`tick ${style.bold(String(tick))}${whose === '' ? '' : ` of ${whose}`}: ${total === 1 ? '1 event' : `${total} events`}\n`)
    if (inputs.length > 0) print(`${formatInputs(inputs, folder)}\n`)
    if (length > 0) print(formatTrace(trace, new SourceTexts(runtime)))
    for (const error of errors) print(formatMistake(error))
    if (total > length) printError(`${style.yellow('!')} ${total - length} more events: print more of them by --count`)
    for (const { script, why } of untraced) printError(`${style.yellow('!')} ${script} is not traced: ${why}`)
    if (!matches) printError(`${style.yellow('!')} the tick did not run again as it did: see the page about debugging`)
    return 0
  })
}
