import type { EditorParts } from './editor-parts.ts'
import { clearMistake, mistakePlace, showMistake } from './mistakes.ts'
import { isLoadFailure } from './sentences.ts'
import type { Message } from './status.ts'
import { goTo } from './text-commands.ts'

/** The texts that have a mistake, and what was said of it. */
export interface MistakenTexts {
  has(name: string): boolean
  /** Returns what was said of the mistake of a text; `undefined` if it has none. */
  messageOf(name: string): Message | undefined
  /** Shows an error in the text that was tried or that runs, and says what is wrong. */
  add(name: string, error: unknown, version: 'tried' | 'running', text: string): void
  /** Opens a text, and moves the caret to its mistake. */
  goTo(name: string): void
  /** Shows that a text has no mistake. */
  clear(name: string): void
  /** Forgets a text that is removed. */
  forget(name: string): void
}

/** Shows mistakes in the texts of an editor. */
export function mistakenTexts({ documents, files, open, run, say }: EditorParts): MistakenTexts {
  const messages = new Map<string, Message>()

  function goToMistake(name: string): void {
    open(name)
    const place = mistakePlace(documents.state(name))
    if (place !== undefined) goTo(documents, place)
  }

  return {
    has: (name) => messages.has(name),
    messageOf: (name) => messages.get(name),
    add(name, error, version, text) {
      documents.dispatch(name, showMistake(documents.state(name), error, version, files.isWat(name) ? undefined : name))
      const place = mistakePlace(documents.state(name))
      const message: Message = {
        text,
        kind: 'bad',
        ...(place !== undefined && { action: { label: 'Go to it', act: () => goToMistake(name) } }),
        ...(isLoadFailure(error) && { action: { label: 'Try again', act: () => void run(name) } }),
      }
      messages.set(name, message)
      say(message)
    },
    goTo: goToMistake,
    clear(name) {
      messages.delete(name)
      documents.dispatch(name, clearMistake(documents.state(name)))
    },
    forget: (name) => void messages.delete(name),
  }
}
