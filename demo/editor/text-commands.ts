import { indentRange } from '@codemirror/language'
import { ChangeSet } from '@codemirror/state'
import { type Documents, oneStep, replaceBy } from './documents.ts'
import type { Example } from './examples.ts'
import { reveal } from './reveal.ts'
import type { Message } from './status.ts'
import { formatChanges } from './wat/format.ts'

/** Puts every line of the shown text in its place. Returns what to say if they are. */
export function formatText(documents: Documents, isWat: boolean): Message | undefined {
  const { state } = documents.view
  const changes = isWat ? formatChanges(state.doc.toString()) : indentRange(state, 0, state.doc.length)
  if (isEmpty(changes)) return { text: `${documents.current}: every line is in its place` }
  documents.dispatch(documents.current, oneStep(changes))
  return undefined
}

/** Replaces a text as one undo step, unless it is the same. */
export function setText(documents: Documents, name: string, text: string): void {
  const state = documents.state(name)
  if (text !== state.doc.toString()) documents.dispatch(name, replaceBy(state, text))
}

/** Changes a text as an example does, or back, and selects what changed. Returns what to say if the text does not fit the example. */
export function tryExample(documents: Documents, { script, label, apply, revert }: Example, isApplied: boolean): Message | undefined {
  const text = (isApplied ? revert : apply)(documents.text(script))
  if (text === undefined)
    return { text: `${script} was changed where '${label}' would change it; Revert makes it what it was`, kind: 'bad' }
  const spec = replaceBy(documents.state(script), text)
  const { from, insert } = spec.changes
  const selection = { anchor: from, head: from + insert.length }
  documents.dispatch(script, { ...spec, selection, effects: reveal(documents.view, from, { y: 'center' }) })
  return undefined
}

/** Moves the caret of the shown text to a place, and the focus to the text. */
export function goTo(documents: Documents, place: number): void {
  documents.dispatch(documents.current, { selection: { anchor: place }, effects: reveal(documents.view, place, { y: 'center' }) })
  documents.view.focus()
}

function isEmpty(changes: readonly unknown[] | ChangeSet): boolean {
  return changes instanceof ChangeSet ? changes.empty : changes.length === 0
}
