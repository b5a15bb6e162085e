import type { SourceLocation } from '../../errors.ts'

const LINES_AROUND = 2
const WIDEST_LINE = 160

/**
 * The lines of `text` around a location, numbered, with a caret under the place:
 *
 * ```text
 *   3 |   (func (export "tick") (param f32)
 * > 4 |     i32.cost 1
 *     |     ^
 *   5 |   )
 * ```
 */
export function codeFrame(text: string, location: SourceLocation): string {
  const lines = text.split(/\r?\n/)
  const first = Math.max(1, location.line - LINES_AROUND)
  const last = Math.min(lines.length, location.line + LINES_AROUND)
  const width = String(last).length
  const frame: string[] = []
  for (let number = first; number <= last; number++) {
    const shift = shiftFor(location, number)
    const line = (lines[number - 1] ?? '').slice(shift, shift + WIDEST_LINE)
    const mark = number === location.line ? '>' : ' '
    frame.push(`${mark} ${String(number).padStart(width)} | ${line}`.trimEnd())
    if (number !== location.line) continue
    const before = line.slice(0, Math.max(0, location.column - 1 - shift)).replace(/[^\t]/g, ' ')
    frame.push(`  ${' '.repeat(width)} | ${before}^`)
  }
  return frame.join('\n')
}

/** How many characters of a line to leave out on the left, so that a far column stays in sight. */
function shiftFor(location: SourceLocation, line: number): number {
  if (line !== location.line || location.column <= WIDEST_LINE) return 0
  return location.column - Math.floor(WIDEST_LINE / 2)
}
