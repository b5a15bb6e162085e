import type { ScriptError } from 'bitscript'
import type { EditorParts } from './editor-parts.ts'
import type { MistakenTexts } from './mistaken-texts.ts'
import { describeFault, describeRefusal, describeRun, rolledBackTo } from './sentences.ts'
import { inTurns } from './turns.ts'
import { recordStep } from './versions.ts'

/** What the game does with the texts of an editor. */
export interface Runs {
  /** Runs a text as it is now, after a run of it that is under way. */
  start(name: string): Promise<void>
  /** Abandons the run of a text that is under way, so that the game does not take the text. Calls `ifLate` if the game takes it all the same. */
  abandon(name: string, ifLate?: () => void): void
  /** Marks a fault in the text of its script. Returns the name of the text; `undefined` if no text has the fault. */
  showFault(error: ScriptError): string | undefined
}

/** A run that is under way. */
interface Run {
  readonly abandonment: AbortController
  ifLate: () => void
}

/** Runs texts in the game, and shows the outcome. */
export function createRuns({ host, documents, files, disposed, say, update }: EditorParts, mistaken: MistakenTexts): Runs {
  const underWay = new Map<string, Run>()

  /** Returns the text that a fault is about. */
  function textOf({ script }: ScriptError): string | undefined {
    const name = script === undefined ? undefined : (host.textOf?.(script) ?? script)
    return name !== undefined && files.has(name) ? name : undefined
  }

  return {
    start: inTurns(async (name) => {
      // It can have been removed while it waited for its turn.
      if (!files.has(name)) return
      const run: Run = { abandonment: new AbortController(), ifLate: () => undefined }
      const { signal } = run.abandonment
      underWay.set(name, run)
      documents.dispatch(name, recordStep({ kind: 'try' }))
      const onProgress = (what: string, progress: number): void => {
        if (!signal.aborted) say({ text: what, progress })
      }
      const outcome = await host.apply(name, documents.text(name), onProgress, signal).then(
        (report) => ({ report }),
        (error: unknown) => ({ error }),
      )
      underWay.delete(name)
      if (disposed.aborted) return
      if (signal.aborted) {
        if ('report' in outcome) run.ifLate()
        return
      }
      if ('report' in outcome) {
        const { report } = outcome
        documents.dispatch(name, recordStep({ kind: 'accept', report }))
        mistaken.clear(name)
        say({ text: describeRun(report), ...(report.warnings.length === 0 && { kind: 'good' }) })
      } else mistaken.add(name, outcome.error, 'tried', describeRefusal(name, outcome.error))
      update(name)
    }),
    abandon(name, ifLate = () => undefined) {
      const run = underWay.get(name)
      if (run === undefined) return
      run.ifLate = ifLate
      run.abandonment.abort()
      say({ text: `${name} is not run` })
    },
    showFault(error) {
      const name = textOf(error)
      if (name === undefined) {
        say({ text: describeFault(error), kind: 'bad' })
        return undefined
      }
      mistaken.add(name, error, 'running', describeFault(error, name))
      const generation = rolledBackTo(error)
      if (generation !== undefined) documents.dispatch(name, recordStep({ kind: 'rollBack', generation }))
      update(name)
      return name
    },
  }
}
