import picocolors from 'picocolors'
import { escapeControls } from '../printable.ts'

/** The styles of printed text: the codes that a terminal switches them on and off with. */
const CODES = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39], cyan: [36, 39] } as const
type StyleName = keyof typeof CODES

/** The first of the characters that stand for styles until a text is printed. No text contains them: they are not characters. */
const FIRST_MARK = 0xfdd0
const MARKS = /[\ufdd0-\ufddb]/g
const NAMES = Object.keys(CODES) as StyleName[]

/** Adds a style to text, which {@link print} shows if the terminal has colours. */
export const style: Readonly<Record<StyleName, (text: string) => string>> = Object.fromEntries(
  NAMES.map((name, index) => {
    const [on, off] = [0, 1].map((side) => String.fromCharCode(FIRST_MARK + 2 * index + side))
    return [name, (text: string) => `${on}${text}${off}`]
  }),
) as Record<StyleName, (text: string) => string>

/**
 * Returns a text as it is written to a terminal. Everything that a command prints passes through here: names, messages and
 * log lines come from scripts, so all control characters but tabs and line feeds are escaped.
 */
export function render(text: string): string {
  return escapeControls(text).replace(MARKS, (mark) => {
    if (!picocolors.isColorSupported) return ''
    const at = mark.charCodeAt(0) - FIRST_MARK
    return `\u001b[${CODES[NAMES[at >> 1] as StyleName][at & 1]}m`
  })
}

/** Prints lines of text to the standard output. */
export function print(text: string): void {
  process.stdout.write(`${render(text)}\n`)
}

/** Prints lines of text to the standard error. */
export function printError(text: string): void {
  process.stderr.write(`${render(text)}\n`)
}

/** Prints a value as JSON. Control characters in it are escaped as JSON escapes them. */
export function printJson(value: unknown): void {
  const escapeCharacter = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  // JSON.stringify escapes those below a space; the line feeds that are left are its own.
  process.stdout.write(`${JSON.stringify(value, undefined, 2).replace(/(?!\n)[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, escapeCharacter)}\n`)
}
