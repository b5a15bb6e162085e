import type { SourceLocation } from '../../errors.ts'
import { escapeControls } from '../../printable.ts'

/** Returns the lines of a text. */
export function linesOf(text: string): readonly string[] {
  return text.split(/\r?\n/)
}

const LINES_AROUND = 2
const MAX_LINE_LENGTH = 160

/**
 * Returns the lines of `text`, which may be given as lines, around a location, numbered, with a caret under the column and control characters escaped:
 *
 * ```text
 *   3 |   (func (export "tick") (param f32)
 * > 4 |     i32.cost 1
 *     |     ^
 *   5 |   )
 * ```
 */
export function codeFrame(text: string | readonly string[], location: SourceLocation): string {
  const lines = typeof text === 'string' ? linesOf(text) : text
  const first = Math.max(1, location.line - LINES_AROUND)
  const last = Math.min(lines.length, location.line + LINES_AROUND)
  const width = String(last).length
  const frame: string[] = []
  for (let number = first; number <= last; number++) {
    const shift = shiftFor(location, number)
    const raw = (lines[number - 1] ?? '').slice(shift, shift + MAX_LINE_LENGTH)
    const line = escapeControls(raw)
    const mark = number === location.line ? '>' : ' '
    frame.push(`${mark} ${String(number).padStart(width)} | ${line}`.trimEnd())
    if (number !== location.line) continue
    const before = escapeControls(raw.slice(0, Math.max(0, location.column - 1 - shift))).replace(/[^\t]/g, ' ')
    frame.push(`  ${' '.repeat(width)} | ${before}^`)
  }
  return frame.join('\n')
}

/** Returns how many characters to cut from the start of a line, so that a far column stays visible. */
function shiftFor(location: SourceLocation, line: number): number {
  if (line !== location.line || location.column <= MAX_LINE_LENGTH) return 0
  return location.column - Math.floor(MAX_LINE_LENGTH / 2)
}
