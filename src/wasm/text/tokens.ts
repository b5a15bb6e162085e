/** A parenthesis or a word of WAT and its place. Lines and columns count from 1. */
export interface WatToken {
  readonly text: string
  readonly line: number
  readonly column: number
}

const SPACE = /[\s]/
const WORD_END = /[\s()";]/

/** Yields the tokens of a text without comments. A string is one token, with its quotes; an unterminated one ends the text. */
export function* watTokens(text: string): Generator<WatToken> {
  let at = 0
  let line = 1
  let lineStart = 0
  const passTo = (end: number): void => {
    for (; at < end; at++) {
      if (text[at] !== '\n') continue
      line++
      lineStart = at + 1
    }
  }
  while (at < text.length) {
    const character = text[at] as string
    if (SPACE.test(character)) passTo(at + 1)
    else if (text.startsWith(';;', at)) passTo(endOf(text.indexOf('\n', at), text))
    else if (text.startsWith('(;', at)) passTo(endOfComment(text, at))
    else {
      const end = endOfWord(text, at)
      yield { text: text.slice(at, end), line, column: at - lineStart + 1 }
      passTo(end)
    }
  }
}

function endOf(found: number, text: string): number {
  return found < 0 ? text.length : found
}

/** Returns the end of a block comment. Block comments nest. */
function endOfComment(text: string, start: number): number {
  let open = 0
  for (let at = start; at < text.length; at += 2) {
    if (text.startsWith('(;', at)) open++
    else if (text.startsWith(';)', at)) open--
    else at--
    if (open === 0) return at + 2
  }
  return text.length
}

function endOfWord(text: string, start: number): number {
  const first = text[start] as string
  if (first === '(' || first === ')') return start + 1
  if (first === '"') {
    let at = start + 1
    while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
    return at + 1
  }
  let at = start + 1
  while (at < text.length && !WORD_END.test(text[at] as string)) at++
  return at
}
