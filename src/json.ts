/**
 * Levels of arrays and objects that JSON may have where it crosses the boundary of scripts, files and options. What nests deeper
 * ends with the stack of whatever reads it next: `JSON.stringify`, a structured clone, a snapshot.
 */
export const MAX_JSON_DEPTH = 512

/** Returns the value of a JSON text. Throws `SyntaxError`, and `RangeError` for a text that nests too deeply. */
export function parseJson(text: string): unknown {
  checkDepth(text)
  return JSON.parse(text)
}

/** Returns a value as JSON text, `null` for `undefined`. Throws `TypeError`, and `RangeError` for a value that nests too deeply. */
export function writeJson(value: unknown): string {
  const text = JSON.stringify(value) ?? 'null'
  checkDepth(text)
  return text
}

/** Returns a copy of a value as a script receives it. Throws the errors of {@link writeJson}. */
export function copyJson(value: unknown): unknown {
  return JSON.parse(writeJson(value))
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
/** `[` and `{`, and the closing ones, without the bit that tells brackets from braces. */
const OPENS = 0x5b
const CLOSES = 0x5d
const BRACE_BIT = 0x20

/** Throws `RangeError` if a text nests too deeply. Reads it once and keeps no stack, so that no text is too deep for the check. */
function checkDepth(text: string): void {
  // Each level takes two characters.
  if (text.length <= 2 * MAX_JSON_DEPTH) return
  let depth = 0
  let isInString = false
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at)
    if (isInString) {
      if (character === BACKSLASH) at++
      else if (character === QUOTE) isInString = false
    } else if (character === QUOTE) isInString = true
    else if ((character & ~BRACE_BIT) === OPENS) {
      if (++depth > MAX_JSON_DEPTH) throw new RangeError(`it nests deeper than ${MAX_JSON_DEPTH} levels`)
    } else if ((character & ~BRACE_BIT) === CLOSES) depth--
  }
}
