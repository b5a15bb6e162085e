import type { Documents } from './documents.ts'
import type { EditorHost } from './editor-host.ts'
import type { ScriptFiles } from './script-files.ts'
import type { Message } from './status.ts'

/** What the parts of an editor share: its texts, and what each part does to the others. */
export interface EditorParts {
  readonly host: EditorHost
  readonly files: ScriptFiles
  readonly documents: Documents
  /** Aborted when the editor is disposed of: what comes later is not shown. */
  readonly disposed: AbortSignal
  /** Shows the text of a script. */
  open(name: string): void
  /** Runs a text as it is now, unless it is locked. */
  run(name: string): Promise<void>
  say(message: Message): void
  /** Returns whether a script cannot be edited, and says why. */
  isLocked(name: string): boolean
  /** Shows in the list whether a text differs from its file or has a mistake, and keeps the texts. */
  update(name: string): void
  /** Keeps the texts that differ from their files. */
  keep(): void
}
