import type { ProfiledFunction } from '../debug/index.ts'
import { escapeLine } from '../printable.ts'
import { shortPath } from './short-path.ts'

/** A bar of the graph: a script, or a function. */
interface Bar {
  readonly name: string
  readonly title: string
  readonly fuel: number
  readonly children: readonly Bar[]
}

const WIDTH = 1200
const HEIGHT = 20
const HEAD = 32
/** A bar that is narrower is not drawn. */
const LEAST_WIDTH = 0.5
const LEAST_TEXT = 24
const TEXT_WIDTH = 6.6
const MAX_DEPTH = 200

/**
 * Returns a flame graph of functions as SVG: each bar is a function, under it those that it called, and its width is the fuel that it spent
 * with them. Texts can be selected, and each bar has a title with its fuel.
 */
export function flameGraph(functions: readonly ProfiledFunction[], heading: string): string {
  const scripts = [...new Set(functions.map(({ script }) => script))].map((script) => scriptBar(script, functions))
  scripts.sort((one, other) => other.fuel - one.fuel)
  const total = scripts.reduce((sum, { fuel }) => sum + fuel, 0)
  const root: Bar = { name: 'all scripts', title: `all scripts: ${formatFuel(total)} fuel`, fuel: total, children: scripts }
  const bars: string[] = []
  let rows = 0
  const draw = (bar: Bar, x: number, depth: number, hue: number): void => {
    const width = total === 0 ? WIDTH : (bar.fuel / total) * WIDTH
    if (width < LEAST_WIDTH || depth > MAX_DEPTH) return
    rows = Math.max(rows, depth + 1)
    bars.push(drawBar(bar, x, HEAD + depth * HEIGHT, width, hue))
    let left = x
    for (const [place, child] of bar.children.entries()) {
      draw(child, left, depth + 1, depth === 0 ? (place * 47) % 360 : hue)
      left += total === 0 ? 0 : (child.fuel / total) * WIDTH
    }
  }
  draw(root, 0, 0, 0)
  const height = HEAD + rows * HEIGHT + 8
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="11">
<style>text { user-select: text; fill: #111 } .head { font-size: 14px } rect { stroke: #fff; stroke-width: 0.5 } g:hover > rect { stroke: #111 }</style>
<rect width="${WIDTH}" height="${height}" fill="#fff"/>
<text class="head" x="4" y="20">${escapeXml(heading)}</text>
${bars.join('\n')}
</svg>
`
}

function scriptBar(script: string, functions: readonly ProfiledFunction[]): Bar {
  const children = functions.filter((each) => each.script === script).map(functionBar)
  const fuel = children.reduce((sum, each) => sum + each.fuel, 0)
  return { name: script, title: `${script}: ${formatFuel(fuel)} fuel`, fuel, children }
}

function functionBar({ script, function: name, place, calls, fuel, self, children }: ProfiledFunction): Bar {
  const at = place === undefined ? '' : `\n${shortPath(place.file)}:${place.line}`
  const title = `${script} ${name}: ${formatFuel(fuel)} fuel, ${formatFuel(self)} of it itself, in ${formatFuel(calls)} calls${at}`
  return { name, title, fuel, children: children.map(functionBar) }
}

function drawBar({ name, title }: Bar, x: number, y: number, width: number, hue: number): string {
  const rect = `<rect x="${x.toFixed(2)}" y="${y}" width="${width.toFixed(2)}" height="${HEIGHT - 1}" fill="hsl(${hue} 70% 78%)"/>`
  const text = width < LEAST_TEXT ? '' : `<text x="${(x + 3).toFixed(2)}" y="${y + 13}">${escapeXml(shorten(name, width))}</text>`
  return `<g><title>${escapeXml(title)}</title>${rect}${text}</g>`
}

function shorten(name: string, width: number): string {
  const fits = Math.floor((width - 6) / TEXT_WIDTH)
  return name.length <= fits ? name : `${name.slice(0, Math.max(1, fits - 1))}…`
}

/** Returns a number with its thousands apart. */
export function formatFuel(units: number): string {
  return units.toLocaleString('en-US')
}

function escapeXml(text: string): string {
  return text.split('\n').map(escapeLine).join('\n').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
