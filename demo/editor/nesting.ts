/** What is open at a place in a WAT text, the outermost first. */
export type Nesting = readonly Opened[]

interface Opened {
  /** How far the line on which it was opened is indented. */
  readonly indent: number
  /** A parenthesis, or a `block` without one, which an `end` closes. */
  readonly by: 'parenthesis' | 'block'
}

/** Spaces for each level. */
export const STEP = 2

const BLOCK = /^(?:block|loop|if|try|try_table)$/
/** What a line that begins with it closes before it is indented. */
const CLOSER = /^\s*(?:\)|end(?![^\s()";])|else(?![^\s()";]))/

/** What is open after a parenthesis or a word; `before` is what stands in front of it, comments left out. */
export function nest(nesting: Nesting, token: string, before: string, indent: number): Nesting {
  if (token === '(') return [...nesting, { indent, by: 'parenthesis' }]
  if (token === ')') return close(nesting)
  if (before === '(') return nesting
  if (BLOCK.test(token)) return [...nesting, { indent, by: 'block' }]
  return token === 'end' && nesting.at(-1)?.by === 'block' ? nesting.slice(0, -1) : nesting
}

/**
 * How far a line is indented: a step further than the line that opened the innermost of what is open. However much a line
 * opens, the next is one step in; a line that begins with what closes stands below the line that opened it.
 */
export function indentOf(nesting: Nesting, line: string): number {
  let rest = line
  let open = nesting
  let indent = (open.at(-1)?.indent ?? -STEP) + STEP
  for (;;) {
    const closer = CLOSER.exec(rest)?.[0]
    if (closer === undefined) return indent
    const word = closer.trim()
    const closed = word === ')' ? open.findLast(({ by }) => by === 'parenthesis') : open.at(-1)
    if (word !== ')' && closed?.by !== 'block') return indent
    indent = closed?.indent ?? 0
    if (word === 'else') return indent
    open = word === ')' ? close(open) : open.slice(0, -1)
    rest = rest.slice(closer.length)
  }
}

/** A parenthesis closes the blocks that were left open inside it. */
function close(nesting: Nesting): Nesting {
  return nesting.slice(
    0,
    Math.max(
      0,
      nesting.findLastIndex(({ by }) => by === 'parenthesis'),
    ),
  )
}
