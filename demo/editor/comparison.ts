import type { EditorParts } from './editor-parts.ts'
import type { Message } from './status.ts'

/** The texts that are shown with what differs from their files. */
export interface Comparison {
  has(name: string): boolean
  /** Shows or hides what differs from a file, as it is now. */
  show(name: string, isShown: boolean): Promise<void>
  forget(name: string): void
}

/** Compares texts with their files. What shows the difference is loaded when it is first wanted. Calls `onChange` whenever another text is compared. */
export function compareTexts({ documents, files, disposed, say }: EditorParts, onChange: () => void): Comparison {
  const shown = new Set<string>()

  function hide(name: string): undefined {
    shown.delete(name)
    documents.compare(name, [])
  }

  async function show(name: string): Promise<Message | undefined> {
    const merge = await import('@codemirror/merge').catch((error: Error) => error)
    const original = files.texts.get(name)
    if (original === undefined) return undefined
    if (merge instanceof Error)
      return { text: `What differs cannot be shown: ${merge.message}. Check the connection, then try again`, kind: 'bad' }
    const options = { original, mergeControls: false, collapseUnchanged: { margin: 3, minSize: 6 } }
    documents.compare(name, merge.unifiedMergeView(options))
    shown.add(name)
    return documents.text(name) === original ? { text: `${name} is what its file says` } : undefined
  }

  return {
    has: (name) => shown.has(name),
    async show(name, isShown) {
      const message = isShown ? await show(name) : hide(name)
      if (disposed.aborted) return
      if (message !== undefined) say(message)
      onChange()
    },
    forget: (name) => void shown.delete(name),
  }
}
