import type { Profile, ProfiledFunction } from '../debug/index.ts'
import { formatFuel } from './flame-graph.ts'
import { style } from './output.ts'
import { shortPath } from './short-path.ts'
import type { SourceTexts } from './source-texts.ts'

/** Functions that are printed. */
const MAX_FUNCTIONS = 20

/** What a function spent itself, by whatever way it was called. */
interface FunctionTotal {
  readonly script: string
  readonly function: string
  readonly place: ProfiledFunction['place']
  calls: number
  self: number
}

/** Returns the functions that spent most, with their shares, as a table. */
export function formatProfiledFunctions(functions: readonly ProfiledFunction[], heading: string): string {
  const totals = new Map<string, FunctionTotal>()
  const add = ({ script, function: name, place, calls, self, children }: ProfiledFunction): void => {
    const key = JSON.stringify([script, name, place?.line])
    const total = totals.get(key) ?? { script, function: name, place, calls: 0, self: 0 }
    totals.set(key, total)
    total.calls += calls
    total.self += self
    children.forEach(add)
  }
  functions.forEach(add)
  const sorted = [...totals.values()].sort((one, other) => other.self - one.self)
  const sum = sorted.reduce((before, { self }) => before + self, 0)
  const rows = sorted.slice(0, MAX_FUNCTIONS).map(({ script, function: name, place, calls, self }) => {
    const share = `${((100 * self) / Math.max(1, sum)).toFixed(1)} %`
    const at = place === undefined ? '' : style.dim(`${shortPath(place.file)}:${place.line}`)
    return `${formatFuel(self).padStart(15)}  ${share.padStart(7)}  ${formatFuel(calls).padStart(11)}  ${style.bold(`${script} ${name}`)}  ${at}`
  })
  const more = sorted.length > rows.length ? [style.dim(`… ${sorted.length - rows.length} more functions: --json prints all`)] : []
  return [
    `${heading}: ${formatFuel(sum)} fuel`,
    '',
    `${'fuel'.padStart(15)}  ${'share'.padStart(7)}  ${'calls'.padStart(11)}  function`,
    ...rows,
    ...more,
  ].join('\n')
}

/** Returns the sources of scripts, each line with how often it ran. */
export function formatProfiledLines(profiled: Profile, texts: SourceTexts): string {
  const files = new Map<string, { readonly script: string; readonly file: string; readonly hits: Map<number, number> }>()
  for (const { script, file, line, hits } of profiled.lines()) {
    const key = JSON.stringify([script, file])
    const known = files.get(key) ?? { script, file, hits: new Map<number, number>() }
    files.set(key, known)
    known.hits.set(line, hits)
  }
  return [...files.values()].map((each) => formatFile(each, texts)).join('\n')
}

function formatFile(
  { script, file, hits }: { readonly script: string; readonly file: string; readonly hits: ReadonlyMap<number, number> },
  texts: SourceTexts,
): string {
  const last = Math.max(...hits.keys())
  const lines = texts.linesOf(script, file)
  const count = Math.max(last, lines.at(-1) === '' ? lines.length - 1 : lines.length)
  const most = Math.max(...hits.values())
  const rows = Array.from({ length: count }, (_, index) => {
    const own = hits.get(index + 1)
    const text = own === undefined ? '' : formatFuel(own)
    const cell = text.padStart(13)
    const shown = own === 0 ? style.red(cell) : own !== undefined && own >= most / 2 ? style.yellow(cell) : cell
    return `${shown} ${style.dim(`${String(index + 1).padStart(4)} │`)} ${lines[index] ?? ''}`
  })
  return `\n${style.bold(`${script}  ${shortPath(file)}`)}\n${rows.join('\n')}`
}
