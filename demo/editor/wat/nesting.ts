/** The open parentheses and blocks at a position in a WAT text, the outermost first. */
export type Nesting = readonly Opened[]

interface Opened {
  /** The indentation of the line that opened it. */
  readonly indent: number
  /** A parenthesis, or a `block` without a parenthesis, which an `end` closes. */
  readonly by: 'parenthesis' | 'block'
}

/** Spaces of indentation for each level. */
export const STEP = 2

const BLOCK = /^(?:block|loop|if|try|try_table)$/
/** Matches a closing token at the beginning of a line. It takes effect before the line is indented. */
const CLOSER = /^\s*(?:\)|end(?![^\s()";])|else(?![^\s()";]))/

/** Returns the nesting after a token. `before` is the previous token, comments excluded. */
export function nest(nesting: Nesting, token: string, before: string, indent: number): Nesting {
  if (token === '(') return [...nesting, { indent, by: 'parenthesis' }]
  if (token === ')') return close(nesting)
  if (before === '(') return nesting
  if (BLOCK.test(token)) return [...nesting, { indent, by: 'block' }]
  return token === 'end' && nesting.at(-1)?.by === 'block' ? nesting.slice(0, -1) : nesting
}

/**
 * Returns the indentation of a line: one step more than that of the line with the innermost open parenthesis or block,
 * however many that line opened. A line that begins with a closing token has the indentation of the line that opened it.
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

/** Closes the innermost parenthesis, and the blocks that were left open inside it. */
function close(nesting: Nesting): Nesting {
  return nesting.slice(
    0,
    Math.max(
      0,
      nesting.findLastIndex(({ by }) => by === 'parenthesis'),
    ),
  )
}
