import { type Diagnostic, forEachDiagnostic, setDiagnostics } from '@codemirror/lint'
import type { EditorState, TransactionSpec } from '@codemirror/state'
import { detailOf, isScriptError } from './sentences.ts'
import { findPlace } from './versions.ts'

/** Shows what was thrown at its place: in the text that was tried, or in the one that runs. */
export function showMistake(state: EditorState, thrown: unknown, version: 'tried' | 'running'): TransactionSpec {
  const location = isScriptError(thrown) ? thrown.location : undefined
  if (location === undefined) return clearMistake(state)
  const { doc } = state
  const from = findPlace(state, version, location.line, location.column)
  const word = /^[^\s()]+/.exec(doc.sliceString(from, doc.lineAt(from).to))?.[0]
  const to = Math.min(from + (word?.length ?? 1), doc.length)
  const mistake: Diagnostic = { from, to, severity: 'error', message: detailOf(thrown) }
  return setDiagnostics(state, [mistake])
}

/** Takes away what is shown. */
export function clearMistake(state: EditorState): TransactionSpec {
  return setDiagnostics(state, [])
}

/** Where the mistake that is shown has come to be. */
export function mistakePlace(state: EditorState): number | undefined {
  let place: number | undefined
  forEachDiagnostic(state, (_, from) => {
    place ??= from
  })
  return place
}
