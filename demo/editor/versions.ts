import { type ChangeDesc, ChangeSet, type EditorState, StateEffect, StateField, type Text } from '@codemirror/state'

/** A text as the game has it, and what was typed since. */
interface Version {
  readonly text: Text
  readonly since: ChangeDesc
}

interface Versions {
  readonly tried: Version
  readonly running: Version
  /** What ran before, and runs again if the game takes back what is running. */
  readonly former: Version
}

/** A text was tried; it was taken; it was taken back. */
type Step = 'try' | 'accept' | 'takeBack'

const step = StateEffect.define<Step>()

/**
 * Which texts of a document the game has, so that a place in one of them can be found in what the text is by now: a trap
 * comes whenever it comes.
 */
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
      if (effect.value === 'try') value = { ...value, tried: { text: newDoc, since: ChangeSet.empty(newDoc.length).desc } }
      else if (effect.value === 'accept') value = { ...value, running: value.tried, former: value.running }
      else value = { ...value, running: value.former }
    }
    return value
  },
})

/** Notes what has become of a text. */
export function takeStep(value: Step): { effects: StateEffect<Step> } {
  return { effects: step.of(value) }
}

/** Where a place of the text that was tried, or that runs, is now. Lines and columns count from 1. */
export function findPlace(state: EditorState, version: 'tried' | 'running', line: number, column: number): number {
  const { text, since } = state.field(versions)[version]
  const { from, to } = text.line(Math.max(1, Math.min(line, text.lines)))
  return since.mapPos(Math.min(from + Math.max(0, column - 1), to), 1)
}

/** The text that the game has. */
export function runningText(state: EditorState): string {
  return state.field(versions).running.text.toString()
}

/** Whether the game has the text as it stands. */
export function isRunning(state: EditorState): boolean {
  return state.field(versions).running.text.eq(state.doc)
}
