import type { SourceLocation } from '../../errors.ts'
import { functionName } from '../trace/trace-points.ts'
import type { TreeNode } from './counters.ts'
import type { CountedCode, CountedModule } from './profiled-code.ts'

/** How often a line ran. */
export interface ProfiledLine {
  /** The name of the script. */
  readonly script: string
  /** The file of the source. */
  readonly file: string
  /** The number of the line, from 1. */
  readonly line: number
  /** How often it ran; 0 for a line that did not. Of several statements on it, that of the one that ran most often. */
  readonly hits: number
}

/** A function, as it was called by way of others, and what it spent. */
export interface ProfiledFunction {
  /** The name of the script. */
  readonly script: string
  /** The name of the function. */
  readonly function: string
  /** The place of its first statement; left out if it is unknown. */
  readonly place?: SourceLocation
  /** How often it was called. */
  readonly calls: number
  /** Units of fuel that it spent, with the functions that it called. */
  readonly fuel: number
  /** Units of fuel that it spent itself: its instructions, and the calls of imports. */
  readonly self: number
  /** The functions that it called, the most expensive first. */
  readonly children: readonly ProfiledFunction[]
}

/** What of a source file ran. */
export interface FileCoverage {
  /** The file: a path, or a URL where the script came by one. */
  readonly file: string
  /** Its lines with statements, in order, and how often each ran. */
  readonly lines: readonly { readonly line: number; readonly hits: number }[]
  /** Its functions in order, with the line of their first statement, and how often each was called. */
  readonly functions: readonly { readonly name: string; readonly line: number; readonly hits: number }[]
}

/** Returns how often the lines of a script ran, by file and line. */
export function profiledLines(code: CountedCode): readonly ProfiledLine[] {
  const { hits } = code.counted()
  const lines = new Map<string, ProfiledLine>()
  for (const [place, { statements, places }] of code.modules.entries()) {
    const counted = hits[place] as Float64Array
    for (const [statement, { functionIndex, at }] of statements.entries()) {
      const location = places.placeOf(functionIndex, at)
      if (location === undefined) continue
      const { file, line } = location
      const key = `${file}:${line}`
      const count = Math.max(lines.get(key)?.hits ?? 0, counted[statement] as number)
      lines.set(key, { script: code.script, file, line, hits: count })
    }
  }
  return [...lines.values()].sort(byPlace)
}

/** Returns the functions of a script that the host called, the most expensive first. */
export function functionsOf(code: CountedCode): readonly ProfiledFunction[] {
  const { modules } = code
  return code
    .counted()
    .functions.map((node) => describeNode(code.script, modules, node))
    .sort(byFuel)
}

/** Returns what ran of the files of scripts. What a file is loaded for several times is added up. */
export function coverageOf(codes: readonly CountedCode[]): readonly FileCoverage[] {
  return mergeCoverage(codes.flatMap(filesOf))
}

/** Adds up what ran of the same files. */
export function mergeCoverage(records: readonly FileCoverage[]): readonly FileCoverage[] {
  const files = new Map<string, { lines: Map<number, number>; functions: Map<string, FileCoverage['functions'][number]> }>()
  for (const { file, lines, functions } of records) {
    const known = files.get(file) ?? { lines: new Map(), functions: new Map() }
    files.set(file, known)
    for (const { line, hits } of lines) known.lines.set(line, (known.lines.get(line) ?? 0) + hits)
    for (const { name, line, hits } of functions) {
      const key = `${line} ${name}`
      known.functions.set(key, { name, line, hits: (known.functions.get(key)?.hits ?? 0) + hits })
    }
  }
  return [...files]
    .map(([file, { lines, functions }]) => ({
      file,
      lines: [...lines].map(([line, hits]) => ({ line, hits })).sort((one, other) => one.line - other.line),
      functions: [...functions.values()].sort((one, other) => one.line - other.line),
    }))
    .sort((one, other) => (one.file < other.file ? -1 : 1))
}

function filesOf(code: CountedCode): readonly FileCoverage[] {
  const files = new Map<string, { lines: FileCoverage['lines'][number][]; functions: FileCoverage['functions'][number][] }>()
  const ofFile = (file: string) => {
    const known = files.get(file) ?? { lines: [], functions: [] }
    files.set(file, known)
    return known
  }
  for (const { file, line, hits } of profiledLines(code)) ofFile(file).lines.push({ line, hits })
  const { hits, functions } = code.counted()
  const calls = new Map<number, number>()
  const count = ({ id, calls: own, children }: TreeNode): void => {
    calls.set(id, (calls.get(id) ?? 0) + own)
    children.forEach(count)
  }
  functions.forEach(count)
  for (const [place, { statements, places, original, firstFunction }] of code.modules.entries()) {
    const seen = new Set<number>()
    for (const [statement, { functionIndex, at }] of statements.entries()) {
      if (seen.has(functionIndex)) continue
      seen.add(functionIndex)
      const location = places.placeOf(functionIndex, at)
      if (location === undefined) continue
      // A call tree that is full has no node of a function that nevertheless ran.
      const ran = calls.get(firstFunction + functionIndex) ?? hits[place]?.[statement] ?? 0
      ofFile(location.file).functions.push({ name: functionName(original, functionIndex), line: location.line, hits: ran })
    }
  }
  return [...files].map(([file, { lines, functions: own }]) => ({ file, lines, functions: own }))
}

function describeNode(script: string, modules: readonly CountedModule[], { id, self, calls, children }: TreeNode): ProfiledFunction {
  const { original, places, statements, firstFunction } = modules.findLast((each) => each.firstFunction <= id) as CountedModule
  const functionIndex = id - firstFunction
  const first = statements.find((statement) => statement.functionIndex === functionIndex)
  const place = first && places.placeOf(functionIndex, first.at)
  const called = children.map((child) => describeNode(script, modules, child)).sort(byFuel)
  const fuel = called.reduce((sum, each) => sum + each.fuel, self)
  return { script, function: functionName(original, functionIndex), ...(place && { place }), calls, fuel, self, children: called }
}

function byPlace(one: ProfiledLine, other: ProfiledLine): number {
  return one.file === other.file ? one.line - other.line : one.file < other.file ? -1 : 1
}

function byFuel(one: ProfiledFunction, other: ProfiledFunction): number {
  return other.fuel - one.fuel
}
