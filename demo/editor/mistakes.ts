import { type Diagnostic, forEachDiagnostic, setDiagnostics } from '@codemirror/lint'
import type { EditorState, TransactionSpec } from '@codemirror/state'
import { detailOf, isScriptError } from './sentences.ts'
import { findPlace } from './versions.ts'

/** Returns a transaction that shows an error at its location in the tried or the running text. */
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

/** Returns a transaction that removes the mistake. */
export function clearMistake(state: EditorState): TransactionSpec {
  return setDiagnostics(state, [])
}

/** Returns the position of the mistake in the current text; `undefined` if none is shown. */
export function mistakePlace(state: EditorState): number | undefined {
  let place: number | undefined
  forEachDiagnostic(state, (_, from) => {
    place ??= from
  })
  return place
}
