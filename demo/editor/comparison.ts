import type { Documents } from './documents.ts'
import type { Message } from './status.ts'

/** The texts that are shown with what differs from their files. */
export interface Comparison {
  has(name: string): boolean
  /** Shows or hides what differs from a file, as it is now. Resolves with what to say, if there is something. */
  show(name: string, isShown: boolean): Promise<Message | undefined>
  forget(name: string): void
}

/** Compares texts with their files. What shows the difference is loaded when it is first wanted. */
export function compareTexts(documents: Documents, fileOf: (name: string) => string | undefined): Comparison {
  const shown = new Set<string>()
  return {
    has: (name) => shown.has(name),
    async show(name, isShown) {
      if (!isShown) {
        shown.delete(name)
        documents.compare(name, [])
        return undefined
      }
      const merge = await import('@codemirror/merge').catch((error: Error) => error)
      const original = fileOf(name)
      if (original === undefined) return undefined
      if (merge instanceof Error)
        return { text: `What differs cannot be shown: ${merge.message}. Check the connection, then try again`, kind: 'bad' }
      const options = { original, mergeControls: false, collapseUnchanged: { margin: 3, minSize: 6 } }
      documents.compare(name, merge.unifiedMergeView(options))
      shown.add(name)
      return documents.text(name) === original ? { text: `${name} is what its file says` } : undefined
    },
    forget: (name) => void shown.delete(name),
  }
}
