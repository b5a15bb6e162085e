import type { LocalValues, PastInput, Trace, TraceEvent, TraceFrame } from '../debug/index.ts'
import { callerPlace } from './caller-path.ts'
import { style } from './output.ts'
import { formatPlace, type SourceTexts } from './source-texts.ts'

/** A function that is running, as far as it was printed. */
interface PrintedFrame {
  readonly script: string
  readonly function: string
  locals: LocalValues
}

/** Formats the events of a trace: a line each, indented by the functions that run. */
export function formatTrace(trace: Trace, texts: SourceTexts): string {
  const frames: PrintedFrame[] = []
  return trace.events.map((event) => formatEvent(event, frames, texts)).join('\n')
}

function formatEvent(event: TraceEvent, frames: PrintedFrame[], texts: SourceTexts): string {
  const { script, function: name, place } = event
  if (event.kind === 'enter') {
    frames.splice(event.depth)
    const at = place === undefined ? '' : style.dim(`  ${formatPlace(place)}`)
    const head = `${style.bold(`${script} ${name}`)}(${formatValues(event.locals)})${at}`
    const line = `${indentOf(frames)}${head}${style.dim(`  ${event.fuel} fuel`)}`
    frames.push({ script, function: name, locals: {} })
    return line
  }
  if (event.kind === 'returned') {
    frames.splice(event.depth + 1)
    return `${indentOf(frames)}${style.dim(`back in ${name}  ${event.fuel} fuel`)}`
  }
  while (frames.length > 1 && !isIn(frames.at(-1), event)) frames.pop()
  const indent = indentOf(frames)
  switch (event.kind) {
    case 'line': {
      const frame = frames.at(-1)
      const changed = changedValues(frame?.locals ?? {}, event.locals)
      if (frame !== undefined) frame.locals = event.locals
      const number = style.dim(`${String(place?.line ?? '?').padStart(4)} │ `)
      return `${indent}${number}${texts.lineAt(script, place)}${changed === '' ? '' : `  ${style.cyan(changed)}`}`
    }
    case 'read':
      return `${indent}     ${style.dim(`${event.field} of ${event.entity} is ${event.value}`)}`
    case 'write':
      return `${indent}     ${style.yellow(`${event.field} of ${event.entity}: ${event.old} -> ${event.value}`)}`
    case 'call': {
      const outcome = event.error === undefined ? formatResult(event.result) : ` threw ${String(event.error)}`
      return `${indent}     ${event.import}(${event.args.map(formatValue).join(', ')})${outcome}`
    }
  }
}

function isIn(frame: PrintedFrame | undefined, { script, function: name }: TraceEvent): boolean {
  return frame?.script === script && frame.function === name
}

function indentOf(frames: readonly PrintedFrame[]): string {
  return '  '.repeat(frames.length)
}

/** Formats what the game did before a tick: a line each, with the line of the game. `folder` is that from which a recording names files. */
export function formatInputs(inputs: readonly PastInput[], folder: string | undefined): string {
  const lines = inputs.map(({ input, caller }) => {
    const of = 'entity' in input ? ` of entity ${input.entity}` : 'script' in input ? ` of ${input.script}` : ''
    const by = caller?.function === undefined ? '' : ` in ${caller.function}`
    return `  ${input.kind}${of}${by}${caller === undefined ? '' : style.dim(`  ${formatPlace(callerPlace(folder, caller))}`)}`
  })
  return ['before it, the game did', ...lines].join('\n')
}

/** Formats the functions that ran, the innermost first. */
export function formatStack(stack: readonly TraceFrame[]): string {
  return stack
    .map(({ script, function: name, place, locals }) => {
      const at = place === undefined ? '' : ` (${formatPlace(place)})`
      return `    at ${script} ${name}${at}  ${style.cyan(formatValues(locals))}`
    })
    .join('\n')
}

function changedValues(before: LocalValues, now: LocalValues): string {
  return formatValues(Object.fromEntries(Object.entries(now).filter(([name, value]) => !Object.is(before[name], value))))
}

function formatValues(values: LocalValues): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${formatValue(value)}`)
    .join(' ')
}

function formatResult(result: unknown): string {
  return result === undefined ? '' : ` = ${formatValue(result)}`
}

/** Significant digits of a number that is printed. */
const DIGITS = 7

function formatValue(value: unknown): string {
  if (typeof value === 'number')
    return String(Number.isInteger(value) || !Number.isFinite(value) ? value : Number(value.toPrecision(DIGITS)))
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
}

/** Returns a value of a trace as JSON can hold it: a bigint as its digits, an error as its message. */
export function jsonOfTrace(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, part: unknown) => {
      if (typeof part === 'bigint') return String(part)
      if (part instanceof Error) return part.message
      return typeof part === 'number' && !Number.isFinite(part) ? String(part) : part
    }),
  )
}
