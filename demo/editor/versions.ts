import { type ChangeDesc, ChangeSet, type EditorState, StateEffect, StateField, type Text } from '@codemirror/state'

/** A text that the game received, and the changes since. */
interface Version {
  readonly text: Text
  readonly since: ChangeDesc
}

interface Versions {
  readonly tried: Version
  readonly running: Version
  /** The version before the running one, which a rollback restores. */
  readonly former: Version
}

/** The text was tried, accepted by the game, rolled back, or is what the game runs without having been tried. */
type Step = 'try' | 'accept' | 'rollBack' | 'replace'

const step = StateEffect.define<Step>()

/** The texts of a document that the game received. They map a location of an error in one of them to the current text. */
export const versions: StateField<Versions> = StateField.define<Versions>({
  create({ doc }) {
    const now = { text: doc, since: ChangeSet.empty(doc.length).desc }
    return { tried: now, running: now, former: now }
  },
  update(before, { changes, docChanged, effects, newDoc }) {
    let value = before
    if (docChanged) {
      const follow = ({ text, since }: Version): Version => ({ text, since: since.composeDesc(changes.desc) })
      value = { tried: follow(before.tried), running: follow(before.running), former: follow(before.former) }
    }
    for (const effect of effects) {
      if (!effect.is(step)) continue
      const now = { text: newDoc, since: ChangeSet.empty(newDoc.length).desc }
      if (effect.value === 'try') value = { ...value, tried: now }
      else if (effect.value === 'replace') value = { ...value, running: now, former: value.running }
      else if (effect.value === 'accept') value = { ...value, running: value.tried, former: value.running }
      else value = { ...value, running: value.former }
    }
    return value
  },
})

/** Returns a transaction that records a step. */
export function recordStep(value: Step): { effects: StateEffect<Step> } {
  return { effects: step.of(value) }
}

/** Maps a location in the tried or the running text to a position in the current text. Lines and columns count from 1. */
export function findPlace(state: EditorState, version: 'tried' | 'running', line: number, column: number): number {
  const { text, since } = state.field(versions)[version]
  const { from, to } = text.line(Math.max(1, Math.min(line, text.lines)))
  return since.mapPos(Math.min(from + Math.max(0, column - 1), to), 1)
}

/** Maps a position in the current text to a line of the running one, counted from 1. */
export function findLine(state: EditorState, place: number): number {
  const { text, since } = state.field(versions).running
  return text.lineAt(since.invertedDesc.mapPos(place)).number
}

/** Returns the text that the game runs. */
export function runningText(state: EditorState): string {
  return state.field(versions).running.text.toString()
}

/** Returns whether the game runs the current text. */
export function isRunning(state: EditorState): boolean {
  return state.field(versions).running.text.eq(state.doc)
}
