import { type Diagnostic, forEachDiagnostic, setDiagnostics } from '@codemirror/lint'
import type { EditorState, TransactionSpec } from '@codemirror/state'
import type { SourceLocation } from 'bitscript'
import { detailOf, isScriptError } from './sentences.ts'
import { findPlace } from './versions.ts'

/**
 * Returns a transaction that shows every mistake that an error names, at its location in the tried or the running text; none if `file` is given, and
 * the location is in another.
 */
export function showMistake(state: EditorState, thrown: unknown, version: 'tried' | 'running', file?: string): TransactionSpec {
  if (!isScriptError(thrown) || thrown.location === undefined) return clearMistake(state)
  if (file !== undefined && !thrown.location.file.endsWith(file)) return clearMistake(state)
  const all = thrown.mistakes ?? [{ location: thrown.location, detail: detailOf(thrown) }]
  return setDiagnostics(
    state,
    all.map(({ location, detail }) => diagnosticAt(state, location, detail, version)),
  )
}

function diagnosticAt(state: EditorState, location: SourceLocation, message: string, version: 'tried' | 'running'): Diagnostic {
  const { doc } = state
  const from = findPlace(state, version, location.line, location.column)
  // Of an import, both names.
  const word = /^(?:"[^"]*"\s+"[^"]*"|[^\s(),;]+)/.exec(doc.sliceString(from, doc.lineAt(from).to))?.[0]
  const to = Math.min(from + (word?.length ?? 1), doc.length)
  return { from, to, severity: 'error', message }
}

/** Returns a transaction that removes the mistake. */
export function clearMistake(state: EditorState): TransactionSpec {
  return setDiagnostics(state, [])
}

/** Returns the position of the mistake in the current text; `undefined` if none is shown. */
export function mistakePlace(state: EditorState): number | undefined {
  let place: number | undefined
  forEachDiagnostic(state, (_, from) => {
    // They come in the order of the text; the error is about the first.
    place ??= from
  })
  return place
}
