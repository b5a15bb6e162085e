import { type ChangeDesc, ChangeSet, type EditorState, StateEffect, StateField, type Text, type Transaction } from '@codemirror/state'
import { type Accepted, accept, firstGeneration, type Generations, mapGenerations, replaceRunning, rollBack } from './generations.ts'

/** A text that the game received, and the changes since. */
interface Version {
  readonly text: Text
  readonly since: ChangeDesc
}

interface Versions {
  readonly tried: Version
  readonly accepted: Generations<Version>
}

/** The text was tried, accepted by the game, rolled back to a generation, or is what the game runs without having been tried. */
type Step =
  | { readonly kind: 'try' }
  | { readonly kind: 'accept'; readonly report: Accepted }
  | { readonly kind: 'rollBack'; readonly generation: number }
  | { readonly kind: 'replace' }

const step = StateEffect.define<Step>()

/** The texts of a document that the game received. They map a location of an error in one of them to the current text. */
export const versions: StateField<Versions> = StateField.define<Versions>({
  create({ doc }) {
    const now = versionOf(doc)
    return { tried: now, accepted: firstGeneration(now) }
  },
  update(before, { changes, docChanged, effects, newDoc }) {
    let value = before
    if (docChanged) {
      const follow = ({ text, since }: Version): Version => ({ text, since: since.composeDesc(changes.desc) })
      value = { tried: follow(before.tried), accepted: mapGenerations(before.accepted, follow) }
    }
    for (const effect of effects) if (effect.is(step)) value = take(value, effect.value, newDoc)
    return value
  },
})

function versionOf(text: Text): Version {
  return { text, since: ChangeSet.empty(text.length).desc }
}

function take({ tried, accepted }: Versions, made: Step, doc: Text): Versions {
  switch (made.kind) {
    case 'try':
      return { tried: versionOf(doc), accepted }
    case 'accept':
      return { tried, accepted: accept(accepted, tried, made.report) }
    case 'rollBack':
      return { tried, accepted: rollBack(accepted, made.generation) }
    case 'replace':
      return { tried, accepted: replaceRunning(accepted, versionOf(doc)) }
  }
}

/** Returns a transaction that records a step. */
export function recordStep(value: Step): { effects: StateEffect<Step> } {
  return { effects: step.of(value) }
}

/** Returns whether the game runs another version from this transaction on. */
export function changesRunning({ effects }: Transaction): boolean {
  return effects.some((effect) => effect.is(step) && effect.value.kind !== 'try')
}

/** Maps a location in the tried or the running text to a position in the current text. Lines and columns count from 1. */
export function findPlace(state: EditorState, version: 'tried' | 'running', line: number, column: number): number {
  const { text, since } = version === 'tried' ? state.field(versions).tried : runningVersion(state)
  const { from, to } = text.line(Math.max(1, Math.min(line, text.lines)))
  return since.mapPos(Math.min(from + Math.max(0, column - 1), to), 1)
}

/** Maps a position in the current text to a line of the running one, counted from 1. */
export function findLine(state: EditorState, place: number): number {
  const { text, since } = runningVersion(state)
  return text.lineAt(since.invertedDesc.mapPos(place)).number
}

/** Returns the text that the game runs. */
export function runningText(state: EditorState): string {
  return runningVersion(state).text.toString()
}

/** Returns whether the game runs the current text. */
export function isRunning(state: EditorState): boolean {
  return runningVersion(state).text.eq(state.doc)
}

function runningVersion(state: EditorState): Version {
  return state.field(versions).accepted.running.value
}
