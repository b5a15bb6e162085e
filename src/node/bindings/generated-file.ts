import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { GENERATED_HEAD } from '../../files/compilers/generated-head.ts'
import { readFailed, writeFailed } from '../file-error.ts'
import type { Printer } from './printer.ts'

/** What a file is to the command that would write it: `absent`, made by it and left as it is, edited since, or no file of its own. */
export type GeneratedState = 'absent' | 'generated' | 'edited' | 'foreign'

/** Returns the text of a generated file: a header that says what made it, and the body. */
export function generatedText({ comment, file }: Pick<Printer, 'comment' | 'file'>, name: string, body: string): string {
  return [
    `${comment} ${file}: what the game offers to scripts. Made by 'bitscript bindings <simulation> --lang ${name}': do not edit it, make it again.`,
    `${comment} A file whose content was edited is not overwritten.`,
    `${comment} bitscript bindings, content ${hashOf(body)}`,
    body,
  ].join('\n')
}

/** Resolves with what a file is. Rejects with `LoadFailed` if it cannot be read. */
export async function stateOf(path: string): Promise<{ readonly state: GeneratedState; readonly text?: string }> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return { state: 'absent' }
    throw readFailed(path, cause)
  }
  return { state: stateOfText(text), text }
}

/** Returns what a text is. */
export function stateOfText(text: string): Exclude<GeneratedState, 'absent'> {
  const header = GENERATED_HEAD.exec(text)
  if (header === null) return 'foreign'
  return hashOf(text.slice(header.index + header[0].length)) === header[1] ? 'generated' : 'edited'
}

/** Writes a generated file, unless it is the same. Resolves with whether it was written. Rejects with `InvalidOptions`. */
export async function writeGenerated(path: string, text: string, before: string | undefined): Promise<boolean> {
  if (before !== undefined && withoutReturns(before) === withoutReturns(text)) return false
  try {
    await writeFile(path, text)
  } catch (cause) {
    throw writeFailed(path, cause)
  }
  return true
}

function hashOf(body: string): string {
  return createHash('sha256').update(withoutReturns(body)).digest('hex').slice(0, 16)
}

/** Git may write a file with other line ends. */
function withoutReturns(text: string): string {
  return text.replaceAll('\r\n', '\n')
}
