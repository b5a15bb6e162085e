import { indentOf, type Nesting, nest } from './nesting.ts'

/** A range of a text and its replacement. */
export interface TextChange {
  readonly from: number
  readonly to: number
  readonly insert: string
}

/** The state of the reader. */
interface Place {
  readonly nesting: Nesting
  /** The number of open block comments. */
  readonly comments: number
  /** The previous token. */
  readonly before: string
}

const TOKEN = /"(?:[^"\\]|\\.)*"?|;;.*|\(;|[()]|[^\s();"]+|;/gs
const COMMENT_BOUND = /\(;|;\)/g

/**
 * Indents a text by its parentheses. Changes only white space at the beginning and the end of lines, and nothing inside block
 * comments.
 */
export function format(text: string): string {
  let formatted = ''
  let done = 0
  for (const { from, to, insert } of formatChanges(text)) {
    formatted += text.slice(done, from) + insert
    done = to
  }
  return formatted + text.slice(done)
}

/** Returns the changes that {@link format} makes, in the order of the text. */
export function formatChanges(text: string): TextChange[] {
  const changes: TextChange[] = []
  let place: Place = { nesting: [], comments: 0, before: '' }
  let start = 0
  for (const line of text.split('\n')) {
    const end = line.endsWith('\r') ? line.length - 1 : line.length
    const ending = /[ \t]*$/.exec(line.slice(0, end))?.[0] ?? ''
    const beginning = /^[ \t]*/.exec(line.slice(0, end - ending.length))?.[0] ?? ''
    const content = line.slice(beginning.length, end - ending.length)
    const isComment = place.comments > 0
    const indent = isComment ? beginning.length : content === '' ? 0 : indentOf(place.nesting, content)
    place = read(content, place, indent)
    if (!isComment) changes.push(...reindent(beginning, start, indent))
    if (ending !== '' && place.comments === 0) changes.push({ from: start + end - ending.length, to: start + end, insert: '' })
    start += line.length + 1
  }
  return changes
}

/** Returns the smallest change that indents a line by `indent` spaces, so that a caret in the indentation does not move. */
function reindent(beginning: string, start: number, indent: number): TextChange[] {
  const wanted = ' '.repeat(indent)
  if (beginning === wanted) return []
  if (wanted.startsWith(beginning)) return [{ from: start, to: start, insert: wanted.slice(beginning.length) }]
  if (beginning.endsWith(wanted)) return [{ from: start, to: start + beginning.length - indent, insert: '' }]
  return [{ from: start, to: start + beginning.length, insert: wanted }]
}

/** Reads a line with the given indentation. Returns the state after it. */
function read(line: string, { nesting, comments, before }: Place, indent: number): Place {
  let at = 0
  while (at < line.length) {
    const expression = comments > 0 ? COMMENT_BOUND : TOKEN
    expression.lastIndex = at
    const token = expression.exec(line)?.[0]
    if (token === undefined) break
    at = expression.lastIndex
    if (token === '(;') comments++
    else if (token === ';)') comments--
    else if (!token.startsWith(';;')) {
      nesting = nest(nesting, token, before, indent)
      before = token
    }
  }
  return { nesting, comments, before }
}
