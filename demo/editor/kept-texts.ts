import type { Draft } from './drafts.ts'
import type { EditorHost } from './editor-host.ts'

/** The texts of an editor that differ from their files, as the host keeps them. */
export interface KeptTexts {
  /** Passes the drafts to the host. Returns what to say if it could not keep them, once. */
  keep(): string | undefined
  /** Called before the text of a file changes for which there is an edited text. */
  fileChanges(name: string): void
  /** Returns what became of the drafts of an earlier visit; `undefined` if there are none. */
  describe(): { readonly text: string; readonly isDoubtful: boolean } | undefined
}

/** Keeps the texts that differ from `files`. */
export function keepTexts(
  host: EditorHost,
  files: ReadonlyMap<string, string>,
  texts: { shown(name: string): string; running(name: string): string },
): KeptTexts {
  /** The texts of the files that were edited, which may have changed since. */
  const bases = new Map(host.scripts.flatMap(({ name, draft }) => (draft === undefined ? [] : [[name, draft.file] as const])))
  const foreign = new Set(host.scripts.flatMap(({ name, draft }) => (draft?.isForeign === true ? [name] : [])))
  let isKept = true
  return {
    keep() {
      if (host.keep === undefined) return undefined
      const drafts = new Map<string, Draft>()
      for (const [name, file] of files) {
        const [text, running] = [texts.shown(name), texts.running(name)]
        if (text === file && running === file) bases.delete(name)
        else drafts.set(name, { text, running, file: bases.get(name) ?? file })
      }
      const before = isKept
      isKept = host.keep(drafts)
      return before && !isKept ? 'This browser does not keep edits: copy your text before you leave the page' : undefined
    },
    fileChanges(name) {
      if (!bases.has(name)) bases.set(name, files.get(name) as string)
    },
    describe() {
      const outdated = [...bases].filter(([name, base]) => base !== files.get(name)).map(([name]) => name)
      if (outdated.length > 0) {
        const text = `Your texts are back, but the files of ${outdated.join(', ')} changed since. Revert takes the file's`
        return { text, isDoubtful: true }
      }
      if (bases.size === 0) return undefined
      const [own, others] = [false, true].map((isForeign) => [...bases.keys()].filter((name) => foreign.has(name) === isForeign).join(', '))
      const parts = [...(own === '' ? [] : [`your texts of ${own} are back`]), ...(others === '' ? [] : [`texts of a link: ${others}`])]
      const text = `${parts.join('; ')}. Revert takes the file's`
      return { text: text[0]?.toUpperCase() + text.slice(1), isDoubtful: false }
    },
  }
}
