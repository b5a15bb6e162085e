import { basename } from 'node:path'
import { EXPORT } from '../abi/exports.ts'
import type {
  CoreModuleDescription,
  DescribedName,
  GuestKind,
  ModuleDescription,
  ScriptError,
  ScriptFrame,
  ScriptInfo,
  SourceMistake,
  VectorObstacle,
} from '../index.ts'
import { escapeLine } from '../printable.ts'
import { type BuildStep, commandLine } from './build-step.ts'
import { type CheckedFile, type CheckedOwnState, sentenceOf } from './checked-file.ts'
import type { FileOutcome } from './file-outcome.ts'
import { render, style } from './output.ts'
import { shortPath } from './short-path.ts'
import type { RunReport } from './statistics.ts'

/** Formats an error: its code, its location, its detail, and its frame and trace if there are any. */
export function formatMistake(error: ScriptError, file?: string): string {
  const { location, frame } = error
  const at = location === undefined ? (file ?? error.script ?? '') : `${location.file}:${location.line}:${location.column}`
  const short = location === undefined && file === undefined ? at : at.replace(/^[^:]+/, shortPath)
  const name = short === '' ? '' : `${style.bold(escapeLine(short))} `
  const head = `${style.red('✗')} ${name}${style.red(error.code)}`
  const stack = error.code === 'HostError' && error.cause instanceof Error ? (error.cause.stack ?? '') : ''
  const detail = location === undefined ? sentenceOf(error) : `${formatExport(error)}${error.detail}`
  const trace = (error.trace ?? []).map((each) => style.dim(shortFrame(each))).join('\n')
  return [head, indent(detail), ...[frame ?? '', trace, stack].filter((part) => part !== '').map(indent)].join('\n')
}

/** Formats a warning of a compiler, with the lines around its place. */
export function formatWarning({ detail, location: { file, line, column }, frame }: SourceMistake): string {
  return [`${style.yellow('!')} ${style.bold(escapeLine(`${shortPath(file)}:${line}:${column}`))}`, indent(detail), indent(frame)].join(
    '\n',
  )
}

/** Formats the export that a fault happened in, and its entity. */
function formatExport({ script, export: name, entity }: ScriptError): string {
  if (name === undefined) return ''
  return `${script === undefined ? '' : `${script}.`}${name}${entity === undefined ? '' : ` on entity ${entity}`}: `
}

function shortFrame({ function: name, location }: ScriptFrame): string {
  return location === undefined ? `at ${name}` : `at ${name} (${shortPath(location.file)}:${location.line}:${location.column})`
}

/** Adds its kind to the name of a script, if that is not the usual one. */
export function formatScript({ guest }: ScriptInfo, name: string): string {
  return guest === undefined || guest === 'script' ? name : `${name} (${KINDS[guest]})`
}

/** Formats the outcome of a save: one line, or several for a mistake. */
export function formatOutcome(outcome: FileOutcome): string {
  const file = style.bold(escapeLine(basename(outcome.file)))
  switch (outcome.state) {
    case 'reloaded': {
      const { generation, state, unchanged, ms, carried, dropped, ran, warnings } = outcome.report
      if (unchanged) return `${file} → the code is the same, generation ${generation} goes on`
      const again = ran.length === 0 ? '' : `, ${ran.join(' and ')} ran again`
      const lines = [`${file} → generation ${generation}, state ${state}${again}, ${Math.ceil(ms.total)} ms`]
      if (carried.length > 0) lines.push(style.dim(`  carried: ${carried.map(escapeLine).join(', ')}`))
      if (dropped.length > 0) lines.push(style.yellow(`  dropped: ${dropped.map(escapeLine).join('; ')}`))
      for (const warning of warnings) lines.push(style.yellow(`  ! ${escapeLine(warning)}`))
      return lines.join('\n')
    }
    case 'loaded':
      return `${file} → loaded as ${formatScript(outcome.script, `'${escapeLine(outcome.script.name)}'`)}`
    case 'removed':
      return `${style.yellow('!')} ${file} is gone; generation ${outcome.script.generation} runs on`
    case 'renamed':
      return `${file} was ${style.bold(escapeLine(basename(outcome.from)))}: script '${escapeLine(outcome.script.name)}' follows it`
    case 'unwatched':
      return `${style.yellow('!')} ${escapeLine(outcome.error.detail)}`
    case 'watched':
      return `the folder ${escapeLine(outcome.file)} is back, and watched again`
    case 'mistake': {
      const { script } = outcome
      const runsOn = script === undefined ? '' : `\n  ${style.dim(`generation ${script.generation} runs on`)}`
      return formatMistake(outcome.error, outcome.file) + runsOn
    }
  }
}

/** Prints the outcomes that a person has to know of to the console: mistakes, warnings, and files and folders that are gone, or back. */
export function printTrouble(outcome: FileOutcome): void {
  if (outcome.state === 'mistake') console.error(render(formatOutcome(outcome)))
  if (outcome.state === 'removed' || outcome.state === 'unwatched') console.warn(render(formatOutcome(outcome)))
  if (outcome.state === 'watched') console.info(render(formatOutcome(outcome)))
  // The runtime itself logs the warnings of a load.
  if (outcome.state === 'reloaded' && outcome.report.warnings.length > 0) console.warn(render(formatOutcome(outcome)))
}

/** Formats the start of a build: its command. */
export function formatStarted(step: BuildStep): string {
  return `${style.bold(escapeLine(step.mod))} ${style.dim(`${escapeLine(commandLine(step))}`)}`
}

/** Formats a line that a build prints. */
export function formatBuildLine({ mod }: BuildStep, line: string): string {
  return `${style.dim(`${escapeLine(mod)} │`)} ${escapeLine(line)}`
}

/** Formats a build that succeeded. */
export function formatBuilt({ mod, output }: BuildStep, ms: number, bytes: number): string {
  return `${style.green('✓')} ${style.bold(escapeLine(mod))} → ${escapeLine(shortPath(output))}  ${bytes} bytes, ${(ms / 1000).toFixed(1)} s`
}

/** Formats the result of `check` for a file: what is in the module, or every mistake. */
export function formatChecked(checked: CheckedFile): string {
  const warnings = (checked.warnings ?? []).map(({ message, file = checked.file, line, column, frame }) =>
    formatWarning({ detail: message, location: { file, line, column }, frame }),
  )
  return [formatResult(checked), ...warnings, ...(checked.net ?? []).map((each) => formatOwnState(checked.file, each))].join('\n')
}

function formatOwnState(checked: string, { message, file = checked, line, column, frame, function: name }: CheckedOwnState): string {
  const place = line === undefined ? file : `${file}:${line}:${column}`
  const where = line !== undefined || name === undefined ? '' : `, in ${escapeLine(name)}`
  const head = `${style.yellow('!')} ${style.bold(escapeLine(place))} ${style.yellow('not predictable')}`
  return [head, `  ${escapeLine(message)}${where}`, ...(frame === undefined ? [] : [indent(frame)])].join('\n')
}

function formatResult({ file, mistakes, module }: CheckedFile): string {
  const wrong = mistakes.map(({ code, message, file: other, line, column, frame }) => {
    const place = line === undefined ? file : `${other ?? file}:${line}:${column}`
    return [
      `${style.red('✗')} ${style.bold(escapeLine(place))} ${style.red(code)}`,
      `  ${message}`,
      ...(frame === undefined ? [] : [indent(frame)]),
    ].join('\n')
  })
  if (module === undefined || wrong.length > 0) return wrong.join('\n')
  const { guest, pluginFunctions = [], linked = [] } = module
  const kind = guest === 'script' ? '' : `${KINDS[guest]}, `
  return [
    `${style.green('✓')} ${style.bold(escapeLine(file))}  ${kind}${formatSize(module)}`,
    ...formatNames(module, pluginFunctions),
    ...formatVector(module),
    ...linked.flatMap((each) => [
      `  ${style.dim('module')} ${escapeLine(each.name)}  ${formatSize(each)}`,
      ...formatNames(each, []).map(indent),
    ]),
  ].join('\n')
}

/** The kinds of script, as a person calls them. */
export const KINDS: Readonly<Record<GuestKind, string>> = { script: 'script', extism: 'Extism plugin', component: 'component' }

/** Formats what prevents vectors, and where. */
function formatObstacle({ why, function: name, location }: VectorObstacle): string {
  return location === undefined ? `${why}, in ${name}` : `${why}, at ${shortPath(location.file)}:${location.line}:${location.column}`
}

/** Formats whether `update` and loops of `tick` run on four entities at once, or what prevents that. */
function formatVector({ link, exports }: ModuleDescription): string[] {
  if (link === undefined) return []
  const { vector, loops, obstacle } = link
  const lines: (readonly [string, string])[] = []
  if (vector) lines.push([EXPORT.update, 'four entities at once'])
  if (loops > 0) lines.push([EXPORT.tick, `${plural(loops, 'loop')} on four entities at once`])
  if (obstacle !== undefined) {
    const name = exports.some((each) => each.name === EXPORT.update) ? EXPORT.update : EXPORT.tick
    lines.push([name, `one by one: ${escapeLine(formatObstacle(obstacle))}`])
  }
  return lines.map(([name, how]) => `  ${style.dim(name)} ${how}`)
}

function formatSize({ bytes, functions, memoryPages }: CoreModuleDescription): string {
  return `${bytes} bytes, ${plural(functions, 'function')}, ${plural(memoryPages, 'page')} of memory`
}

function formatNames({ imports, exports }: CoreModuleDescription, pluginFunctions: readonly string[]): string[] {
  return [
    ...imports.map((entry) => formatName('import', `${entry.module}::${entry.name}`, entry)),
    ...exports.map((entry) => formatName(pluginFunctions.includes(entry.name) ? 'plugin function' : 'export', entry.name, entry)),
  ]
}

function formatName(kind: string, name: string, { type, warning }: DescribedName): string {
  const doubt = warning === undefined ? '' : `  ${style.yellow(`! ${escapeLine(warning)}`)}`
  return `  ${style.dim(kind)} ${escapeLine(name)}  ${style.dim(type)}${doubt}`
}

/** Formats the report of a run. */
export function formatReport(report: RunReport): string {
  const { ticks, elapsed, ticksPerSecond, entities, time, hash, seed, reloads, scripts, faults, summary } = report
  const isMixed = scripts.some(({ guest }) => guest !== 'script')
  const faster = elapsed > 0 ? `, ${(time / elapsed).toFixed(1)} × real time` : ''
  const lines = [
    `${style.bold(`${ticks} ticks`)} in ${elapsed.toFixed(2)} s: ${Math.round(ticksPerSecond)} ticks/s${faster}`,
    `${entities} ${entities === 1 ? 'entity' : 'entities'}, seed ${seed}, world hash ${style.cyan(hash)}${reloads > 0 ? `, ${plural(reloads, 'reload')}` : ''}`,
    ...Object.entries(summary).map(([name, value]) => `${escapeLine(name)} ${style.bold(String(value))}`),
    '',
    table(
      ['script', ...(isMixed ? ['kind'] : []), 'entities', 'ms/tick', 'fuel/tick', 'generation', 'logs', 'faults', 'status'],
      scripts.map((script) => [
        escapeLine(script.name),
        ...(isMixed ? [KINDS[script.guest]] : []),
        String(script.entities),
        (ticks === 0 ? 0 : script.ms / ticks).toFixed(3),
        String(ticks === 0 ? 0 : Math.round(script.fuel / ticks)),
        String(script.generation),
        script.logsDropped > 0 ? `${script.logs} (+${script.logsDropped} dropped)` : String(script.logs),
        String(script.faults),
        script.status,
      ]),
    ),
  ]
  for (const fault of faults) lines.push('', `${style.red('✗')} tick ${fault.tick}: ${fault.message}`)
  return lines.join('\n')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)))
  const line = (cells: readonly string[]): string =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ')
  return [style.dim(line(head)), ...rows.map(line)].join('\n')
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')
}
