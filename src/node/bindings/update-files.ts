import { join } from 'node:path'
import type { GameDescription } from '../../index.ts'
import type { LanguageName } from '../language-option.ts'
import { stateOf, writeGenerated } from './generated-file.ts'
import { bindingsOf, LANGUAGE_NAMES, PRINTERS } from './printers.ts'
import { withNamesOf } from './script-names.ts'

/** A generated file that was written anew, or that is not kept up to date because it was edited. */
export interface UpdatedFile {
  readonly file: string
  readonly state: 'written' | 'edited'
}

/** What {@link updateFiles} needs to know. */
export interface FileUpdate {
  readonly folders: ReadonlySet<string>
  /** Whether all scripts of the game are loaded. If not, what they name stays in the files. */
  readonly isComplete: boolean
  /** Resolves with the part of a file that no game changes. */
  readonly library: (name: LanguageName) => Promise<string>
}

/** Writes the generated files in some folders anew where the game has changed. Rejects with `LoadFailed` if one cannot be read, `InvalidOptions` if one cannot be written. */
export async function updateFiles(game: GameDescription, { folders, isComplete, library }: FileUpdate): Promise<readonly UpdatedFile[]> {
  const updated: UpdatedFile[] = []
  for (const folder of folders) {
    for (const name of LANGUAGE_NAMES) {
      const file = join(folder, PRINTERS[name].file)
      const before = await stateOf(file)
      if (before.state === 'edited') updated.push({ file, state: 'edited' })
      if (before.state !== 'generated' || before.text === undefined) continue
      const text = bindingsOf(isComplete ? game : withNamesOf(game, before.text), name, await library(name))
      if (await writeGenerated(file, text, before.text)) updated.push({ file, state: 'written' })
    }
  }
  return updated
}

/** Resolves with whether one of some folders has generated bindings that were not edited. */
export async function hasGenerated(folders: ReadonlySet<string>): Promise<boolean> {
  for (const folder of folders)
    for (const name of LANGUAGE_NAMES) if ((await stateOf(join(folder, PRINTERS[name].file))).state === 'generated') return true
  return false
}
