import { relative } from 'node:path'
import colors from 'picocolors'
import { EXPORTS, type ModuleDescription, type ScriptError, type ScriptFrame } from '../index.ts'
import { nearestName } from '../nearest-name.ts'
import type { FileOutcome } from './reloader.ts'
import type { RunReport } from './statistics.ts'

/** Returns the path relative to the current folder, if the file is in it. */
export function shortPath(file: string): string {
  const path = relative(process.cwd(), file)
  return path === '' || path.startsWith('..') ? file : path
}

/** Formats an error: its code, its location, its detail, and its frame and trace if there are any. */
export function formatMistake(error: ScriptError, file?: string): string {
  const { location, frame } = error
  const at = location === undefined ? (file ?? error.script ?? '') : `${location.file}:${location.line}:${location.column}`
  const short = location === undefined && file === undefined ? at : at.replace(/^[^:]+/, shortPath)
  const name = short === '' ? '' : `${colors.bold(short)} `
  const head = `${colors.red('✗')} ${name}${colors.red(error.code)}`
  const stack = error.code === 'HostError' && error.cause instanceof Error ? (error.cause.stack ?? '') : ''
  const detail = location === undefined ? error.message.replace(/ \[\w+\]$/, '') : `${formatExport(error)}${error.detail}`
  const trace = (error.trace ?? []).map((each) => colors.dim(shortFrame(each))).join('\n')
  return [head, `  ${detail}`, ...[frame ?? '', trace, stack].filter((part) => part !== '').map(indent)].join('\n')
}

/** Formats the export that a fault happened in, and its entity. */
function formatExport({ script, export: name, entity }: ScriptError): string {
  if (name === undefined) return ''
  return `${script === undefined ? '' : `${script}.`}${name}${entity === undefined ? '' : ` on entity ${entity}`}: `
}

function shortFrame({ function: name, location }: ScriptFrame): string {
  return location === undefined ? `at ${name}` : `at ${name} (${shortPath(location.file)}:${location.line}:${location.column})`
}

/** Formats the outcome of a save: one line, or several for a mistake. */
export function formatOutcome(outcome: FileOutcome): string {
  const file = colors.bold(shortPath(outcome.file).split(/[/\\]/).at(-1) ?? '')
  switch (outcome.state) {
    case 'reloaded': {
      const { generation, state, unchanged, ms } = outcome.report
      if (unchanged) return `${file} → the code is the same, generation ${generation} goes on`
      return `${file} → generation ${generation}, state ${state}, ${Math.ceil(ms.total)} ms`
    }
    case 'loaded':
      return `${file} → loaded as '${outcome.script.name}'`
    case 'removed':
      return `${colors.yellow('!')} ${file} is gone; generation ${outcome.script.generation} runs on`
    case 'mistake': {
      const { script } = outcome
      const runsOn = script === undefined ? '' : `\n  ${colors.dim(`generation ${script.generation} runs on`)}`
      return formatMistake(outcome.error, outcome.file) + runsOn
    }
  }
}

/** Formats the description of a module for `check`. */
export function formatDescription(file: string, module: ModuleDescription): string {
  const lines = [
    `${colors.green('✓')} ${colors.bold(shortPath(file))}  ${module.bytes} bytes, ${plural(module.functions, 'function')}, ${plural(module.memoryPages, 'page')} of memory`,
    ...module.imports.map((entry) => `  ${colors.dim('import')} ${entry.module}::${entry.name}  ${colors.dim(entry.type)}`),
    ...module.exports.map((entry) => `  ${colors.dim('export')} ${entry.name}  ${colors.dim(entry.type)}${formatSuggestion(entry.name)}`),
  ]
  return lines.join('\n')
}

/** Returns a suggestion for an export whose name resembles one that the runtime calls. */
function formatSuggestion(name: string): string {
  const names = EXPORTS.map((entry) => entry.name).filter((known) => known !== 'on_<event>')
  const meant = names.includes(name) || name.startsWith('on_') || name.length < 4 ? undefined : nearestName(name, names)
  return meant === undefined ? '' : `  ${colors.yellow(`the runtime does not call it; did you mean '${meant}'?`)}`
}

/** Formats the report of a run. */
export function formatReport(report: RunReport): string {
  const { ticks, elapsed, ticksPerSecond, entities, time, hash, seed, reloads, scripts, faults, summary } = report
  const faster = elapsed > 0 ? `, ${(time / elapsed).toFixed(1)} × real time` : ''
  const lines = [
    `${colors.bold(`${ticks} ticks`)} in ${elapsed.toFixed(2)} s: ${Math.round(ticksPerSecond)} ticks/s${faster}`,
    `${entities} ${entities === 1 ? 'entity' : 'entities'}, seed ${seed}, world hash ${colors.cyan(hash)}${reloads > 0 ? `, ${plural(reloads, 'reload')}` : ''}`,
    ...Object.entries(summary).map(([name, value]) => `${name} ${colors.bold(String(value))}`),
    '',
    table(
      ['script', 'entities', 'ms/tick', 'fuel/tick', 'generation', 'logs', 'faults', 'status'],
      scripts.map((script) => [
        script.name,
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
  for (const fault of faults) lines.push('', `${colors.red('✗')} tick ${fault.tick}: ${fault.message}`)
  return lines.join('\n')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)))
  const line = (cells: readonly string[]): string =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ')
  return [colors.dim(line(head)), ...rows.map(line)].join('\n')
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
