import { type EditorState, type Extension, RangeSet, StateEffect, StateField, type Transaction } from '@codemirror/state'
import { type BlockInfo, type Command, EditorView, GutterMarker, gutter, keymap, lineNumbers } from '@codemirror/view'
import { changesRunning, findLine } from '../versions.ts'

class Dot extends GutterMarker {
  override toDOM(): Node {
    const dot = document.createElement('span')
    dot.className = 'cm-breakpoint'
    dot.textContent = '●'
    return dot
  }
}
const dot = new Dot()

const toggle = StateEffect.define<number>({ map: (place, changes) => changes.mapPos(place) })

const field = StateField.define<RangeSet<GutterMarker>>({
  create: () => RangeSet.empty,
  update(before, { changes, effects, newDoc }) {
    let value = before.map(changes)
    for (const effect of effects) {
      if (!effect.is(toggle)) continue
      const { from } = newDoc.lineAt(effect.value)
      let isSet = false
      value.between(from, from, () => {
        isSet = true
        return false
      })
      value = isSet ? value.update({ filter: (place) => place !== from }) : value.update({ add: [dot.range(from)] })
    }
    return value
  },
})

const toggleAtCaret: Command = (view) => {
  view.dispatch({ effects: toggle.of(view.state.selection.main.head) })
  return true
}

/** Sets or removes the breakpoint of the line that is pressed. */
const domEventHandlers = {
  mousedown(view: EditorView, { from }: BlockInfo): boolean {
    view.dispatch({ effects: toggle.of(from) })
    return true
  },
}

/** Lets lines have breakpoints, which are set in the gutter, by a line number, or by F9. Calls `onChange` after each transaction that {@link movesBreakpoints}. */
export function breakpoints(onChange: () => void): Extension {
  return [
    field,
    gutter({
      class: 'cm-breakpoints',
      markers: (view) => view.state.field(field),
      initialSpacer: () => dot,
      domEventHandlers,
    }),
    // A finger needs more than the width of a dot.
    lineNumbers({ domEventHandlers }),
    keymap.of([{ key: 'F9', run: toggleAtCaret }]),
    EditorView.updateListener.of(({ transactions }) => {
      if (transactions.some(movesBreakpoints)) onChange()
    }),
  ]
}

/** Returns whether a transaction sets, removes or moves a breakpoint, or changes the text that their lines count in, which is the running one. */
export function movesBreakpoints(transaction: Transaction): boolean {
  return transaction.startState.field(field) !== transaction.state.field(field) || changesRunning(transaction)
}

/** Returns the lines of the running text that have a breakpoint. */
export function breakpointLines(state: EditorState): readonly number[] {
  const lines = new Set<number>()
  for (const cursor = state.field(field).iter(); cursor.value !== null; cursor.next()) lines.add(findLine(state, cursor.from))
  return [...lines]
}
