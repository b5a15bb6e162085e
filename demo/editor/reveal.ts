import type { StateEffect } from '@codemirror/state'
import { EditorView } from '@codemirror/view'

/** Returns what scrolls to a place of the shown text. The beginnings of lines stay in sight where the place is near enough to them. */
export function reveal(view: EditorView, place: number, options: { y: 'nearest' | 'center'; yMargin?: number }): StateEffect<unknown> {
  // The effect goes from where the text is, and no farther than it must.
  view.scrollDOM.scrollLeft = 0
  return EditorView.scrollIntoView(place, options)
}
