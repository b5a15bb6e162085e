import { redo, undo } from '@codemirror/commands'
import type { Comparison } from './comparison.ts'
import type { EditorParts } from './editor-parts.ts'
import type { FileTexts } from './file-texts.ts'
import type { Heat } from './heat.ts'
import type { NewScriptForm } from './new-script.ts'
import type { OwnScripts } from './own-scripts.ts'
import { copyLink } from './share-link.ts'
import { formatText } from './text-commands.ts'
import type { ToolActions } from './toolbar.ts'

/** What the buttons of the toolbar act on. */
export interface ToolParts {
  readonly comparison: Comparison
  readonly fileTexts: FileTexts
  readonly own: OwnScripts
  readonly form: NewScriptForm
  readonly heat: Heat
}

/** Returns what the buttons of the toolbar do with the text that is open. */
export function toolActions(
  { documents, files, disposed, say, isLocked }: EditorParts,
  { comparison, fileTexts, own, form, heat }: ToolParts,
): ToolActions {
  return {
    undo: () => undo(documents.view),
    redo: () => redo(documents.view),
    format() {
      const name = documents.current
      const message = isLocked(name) ? undefined : formatText(documents, files.isWat(name))
      if (message !== undefined) say(message)
    },
    revert() {
      const name = documents.current
      if (isLocked(name)) return
      if (files.isAdded(name)) own.remove(name)
      else fileTexts.revert(name)
    },
    async share() {
      const name = documents.current
      if (isLocked(name)) return
      const names = [...new Set([name, ...files.differing(documents.text).keys()])]
      const message = await copyLink(names.map((script) => ({ script, text: documents.text(script) })))
      if (!disposed.aborted) say(message)
    },
    compare: () => void comparison.show(documents.current, !comparison.has(documents.current)),
    create: () => form.toggle(),
    heat: () => void heat.toggle(),
  }
}
