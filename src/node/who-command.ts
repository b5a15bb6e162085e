import type { FieldWriter } from '../debug/index.ts'
import { listComponents, listEntities, ScriptError, type WasmScriptRuntime } from '../index.ts'
import { nearestName } from '../nearest-name.ts'
import { callerPlace } from './caller-path.ts'
import { formatStack, jsonOfTrace } from './format-trace.ts'
import { print, printJson, style } from './output.ts'
import { lookAtPast, type PlayedPastOptions } from './played-past.ts'
import type { Simulation } from './simulation.ts'
import { formatPlace, SourceTexts } from './source-texts.ts'

/** Options of `bitscript who`. */
export interface WhoOptions extends Omit<PlayedPastOptions, 'last' | 'check'> {
  /** A component and a field, such as `Health.points`. */
  readonly field: string
  readonly entity: number
  /** Looks for writes before this tick. @default all */
  readonly before?: number | undefined
  /** The number of writes to print. */
  readonly count: number
  /** Print them as JSON. */
  readonly json: boolean
}

/** Plays a recording, and prints who wrote a field of an entity, the latest first. Resolves with the exit code: 1 if nobody did. */
export function who(file: string, { field, entity, before, count, json, ...options }: WhoOptions): Promise<number> {
  const last = before === undefined ? undefined : before - 1
  const check = ({ runtime }: Simulation, first: number, end: number): void => {
    checkField(runtime, field)
    if (before !== undefined && (before <= first || before > end + 1))
      throw new ScriptError(
        'InvalidOptions',
        `--before: give a tick from ${first + 1} to ${end + 1}: the recording has those from ${first} to ${end}`,
      )
  }
  return lookAtPast(file, { ...options, last, check }, async ({ past, folder, simulation: { runtime } }) => {
    const { first, last: end } = past
    const writers = await past.writers(field, entity, { count, ...(before !== undefined && { before }) })
    if (writers.length === 0 && !listEntities(runtime.world).includes(entity))
      throw new ScriptError(
        'InvalidOptions',
        `--entity: there is no entity ${entity}, and nobody wrote a ${field} of one in the ticks ${first} to ${end}`,
      )
    if (json) printJson(jsonOfTrace(writers))
    else if (writers.length === 0) print(`nobody wrote ${field} of entity ${entity} in the ticks ${first} to ${end}`)
    else {
      const texts = new SourceTexts(runtime)
      print(`who wrote ${style.bold(field)} of entity ${entity}, the latest first\n`)
      print(writers.map((writer) => formatWriter(writer, texts, folder)).join('\n'))
    }
    return writers.length === 0 ? 1 : 0
  })
}

function formatWriter(writer: FieldWriter, texts: SourceTexts, folder: string | undefined): string {
  const { tick, by, function: name, caller, old, value, stack, reads } = writer
  const place = caller === undefined ? writer.place : callerPlace(folder, caller)
  const at = place === undefined ? '' : `  ${formatPlace(place)}`
  const what = name === undefined ? hostText(writer) : ` ${name}`
  const lines = [`tick ${style.bold(String(tick))}  ${style.yellow(`${old} -> ${value}`)}  ${style.bold(by)}${what}${at}`]
  const text = texts.lineAt(by, place)
  if (text !== '') lines.push(`    ${text}`)
  if (reads.length > 0)
    lines.push(style.dim(`    it had read ${reads.map((read) => `${read.field} of ${read.entity}: ${read.value}`).join(', ')}`))
  if (stack.length > 0) lines.push(formatStack(stack))
  return lines.join('\n')
}

/** Returns what the host did, and in which function of the game. */
function hostText({ input, caller }: FieldWriter): string {
  if (input === undefined) return ''
  return ` by ${input}${caller?.function === undefined ? '' : ` in ${caller.function}`}`
}

/** Throws `InvalidOptions` for a field that the game does not have. */
function checkField(runtime: WasmScriptRuntime, field: string): void {
  const fields = Object.entries(listComponents(runtime)).flatMap(([name, component]) =>
    Object.keys(component).map((key) => `${name}.${key}`),
  )
  if (fields.includes(field)) return
  const nearest = nearestName(field, fields)
  const hint = nearest === undefined ? `there are ${fields.join(', ')}` : `did you mean '${nearest}'?`
  throw new ScriptError('InvalidOptions', `--field: there is no field '${field}'; ${hint}`)
}
