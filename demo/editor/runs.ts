import type { ScriptError } from 'bitscript'
import type { EditorParts } from './editor-parts.ts'
import type { MistakenTexts } from './mistaken-texts.ts'
import { describeFault, describeRefusal, describeRun, isRolledBack } from './sentences.ts'
import { inTurns } from './turns.ts'
import { recordStep } from './versions.ts'

/** What the game does with the texts of an editor. */
export interface Runs {
  /** Runs a text as it is now, after a run of it that is under way. */
  start(name: string): Promise<void>
  /** Marks a fault in the text of its script. Returns the name of the text; `undefined` if no text has the fault. */
  showFault(error: ScriptError): string | undefined
}

/** Runs texts in the game, and shows the outcome. */
export function createRuns({ host, documents, files, disposed, say, update }: EditorParts, mistaken: MistakenTexts): Runs {
  /** Returns the text that a fault is about. */
  function textOf({ script }: ScriptError): string | undefined {
    const name = script === undefined ? undefined : (host.textOf?.(script) ?? script)
    return name !== undefined && files.has(name) ? name : undefined
  }

  return {
    start: inTurns(async (name) => {
      documents.dispatch(name, recordStep('try'))
      const onProgress = (what: string, progress: number): void => say({ text: what, progress })
      const outcome = await host.apply(name, documents.text(name), onProgress).then(
        (report) => ({ report }),
        (error: unknown) => ({ error }),
      )
      if (disposed.aborted) return
      if ('report' in outcome) {
        documents.dispatch(name, recordStep('accept'))
        mistaken.clear(name)
        say({ text: describeRun(outcome.report), ...(outcome.report.warnings.length === 0 && { kind: 'good' }) })
      } else mistaken.add(name, outcome.error, 'tried', describeRefusal(name, outcome.error))
      update(name)
    }),
    showFault(error) {
      const name = textOf(error)
      if (name === undefined) {
        say({ text: describeFault(error), kind: 'bad' })
        return undefined
      }
      mistaken.add(name, error, 'running', describeFault(error, name))
      if (isRolledBack(error)) documents.dispatch(name, recordStep('rollBack'))
      update(name)
      return name
    },
  }
}
