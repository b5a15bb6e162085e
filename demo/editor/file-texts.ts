import type { Comparison } from './comparison.ts'
import type { EditorParts } from './editor-parts.ts'
import type { KeptTexts } from './kept-texts.ts'
import type { MistakenTexts } from './mistaken-texts.ts'
import type { Runs } from './runs.ts'
import { setText } from './text-commands.ts'
import { isRunning, recordStep, runningText } from './versions.ts'

/** Makes texts what their files say. */
export interface FileTexts {
  /** Takes the text of a file that was saved. A text that was edited stays; one that was not follows the file, which the game runs. */
  saved(name: string, text: string): void
  /** Takes the text of a file again, and runs it if the game does not. */
  revert(name: string): void
  /** Takes the text of a file again as what the game runs. */
  reset(name: string): void
  /** Takes the text of a file as what the game runs, and keeps the text that is shown. */
  stop(name: string): void
  /** Replaces a text by one that the game runs already. */
  setRunning(name: string, text: string): void
}

/** What {@link followFiles} uses of the editor. */
export interface FileTextsParts {
  readonly mistaken: MistakenTexts
  readonly comparison: Comparison
  readonly kept: KeptTexts
  readonly runs: Runs
}

/** Follows the files of texts. */
export function followFiles(
  { documents, files, run, say, update }: EditorParts,
  { mistaken, comparison, kept, runs }: FileTextsParts,
): FileTexts {
  const fileOf = (name: string): string => files.texts.get(name) as string
  const runAgain = (name: string) => (): void => void run(name)

  function setRunning(name: string, text: string, ifLate?: () => void): void {
    runs.abandon(name, ifLate)
    setText(documents, name, text)
    documents.dispatch(name, recordStep({ kind: 'replace' }))
    mistaken.clear(name)
    update(name)
  }

  return {
    saved(name, file) {
      const before = files.texts.get(name)
      if (before === undefined || before === file) return
      const text = documents.text(name)
      if (text !== before) kept.fileChanges(name)
      files.save(name, file)
      if (text === before) {
        setRunning(name, file, runAgain(name))
        say({ text: `${name}: its file was saved; this is its text now` })
      } else if (text !== file) {
        say({ text: `${name}: its file was saved, and your text differs from it. Revert takes the file's`, kind: 'bad' })
      }
      if (comparison.has(name)) void comparison.show(name, true)
      update(name)
    },
    revert(name) {
      const file = fileOf(name)
      runs.abandon(name, runAgain(name))
      if (documents.text(name) === file && isRunning(documents.state(name)) && !mistaken.has(name)) {
        say({ text: `${name} is what its file says` })
        return
      }
      setText(documents, name, file)
      if (runningText(documents.state(name)) === file && !mistaken.has(name)) say({ text: `${name} is what its file says again` })
      else void run(name)
    },
    reset: (name) => setRunning(name, fileOf(name)),
    stop(name) {
      runs.abandon(name)
      if (runningText(documents.state(name)) === fileOf(name)) return
      const text = documents.text(name)
      setRunning(name, fileOf(name))
      setText(documents, name, text)
    },
    setRunning,
  }
}
