const TAB = 0x09
const LINE_FEED = 0x0a

/**
 * Returns a text with its control characters escaped, as `\x1b` or `\u202e`: text of a script must not control the terminal
 * that shows it. Escapes C0, C1, line separators and the marks that change the direction of writing. Keeps tabs and line feeds.
 */
export function escapeControls(text: string): string {
  let escaped = ''
  let from = 0
  // No regular expression: errors are also made at the end of the stack, where one would throw.
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (!isControl(code)) continue
    const digits = code.toString(16)
    escaped += text.slice(from, at) + (code < 0x100 ? `\\x${digits.padStart(2, '0')}` : `\\u${digits.padStart(4, '0')}`)
    from = at + 1
  }
  return from === 0 ? text : escaped + text.slice(from)
}

/** Returns a text as part of one line: like {@link escapeControls}, and with line feeds escaped as `\n`. */
export function escapeLine(text: string): string {
  return escapeControls(text).replaceAll('\n', '\\n')
}

function isControl(code: number): boolean {
  if (code < 0x20) return code !== TAB && code !== LINE_FEED
  if (code < 0x7f) return false
  if (code < 0x600) return code < 0xa0
  return code === 0x61c || (code >= 0x200e && isFormat(code))
}

/** Returns whether a character separates lines or changes the direction of writing. */
function isFormat(code: number): boolean {
  return code <= 0x200f || (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069)
}

/** Characters of a name in a message. */
export const MAX_NAME = 100

/** Returns a text of at most `length` characters: the middle of a longer one is replaced by `…`. */
export function abbreviate(text: string, length: number = MAX_NAME): string {
  if (text.length <= length) return text
  const start = Math.ceil((length - 1) / 2)
  return `${text.slice(0, start)}…${text.slice(text.length - (length - 1 - start))}`
}
