import { type EditorState, type Extension, type Range, RangeSet, StateEffect, StateField } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView, GutterMarker, gutter, WidgetType } from '@codemirror/view'
import { findPlace } from '../versions.ts'

/** What is shown beside the lines of the running text, by their numbers. */
export interface LineNotes {
  /** The line that the step at hand is at. */
  readonly current?: number
  /** What a line came to. */
  readonly values: ReadonlyMap<number, { readonly text: string; readonly isAhead: boolean }>
  /** How often a line began in the tick at hand. */
  readonly counts: ReadonlyMap<number, number>
  /** How often a line begins, as a part of the one that begins most: 0 to 1. */
  readonly heat: ReadonlyMap<number, number>
}

export const NO_NOTES: LineNotes = { values: new Map(), counts: new Map(), heat: new Map() }

/** Shades of heat that are told apart. */
const SHADES = 6

class Values extends WidgetType {
  readonly #text: string
  readonly #classes: string

  constructor(text: string, classes: string) {
    super()
    this.#text = text
    this.#classes = classes
  }

  override eq(other: Values): boolean {
    return other.#text === this.#text && other.#classes === this.#classes
  }

  override toDOM(): HTMLElement {
    const made = document.createElement('span')
    made.className = this.#classes
    made.textContent = this.#text
    return made
  }
}

class Count extends GutterMarker {
  readonly #text: string

  constructor(count: number) {
    super()
    this.#text =
      count < 1000 ? `×${count}` : `×${new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 }).format(count)}`
  }

  override eq(other: Count): boolean {
    return other.#text === this.#text
  }

  override toDOM(): Node {
    return document.createTextNode(this.#text)
  }
}

interface Shown {
  readonly lines: DecorationSet
  readonly counts: RangeSet<GutterMarker>
}

const NOTHING: Shown = { lines: Decoration.none, counts: RangeSet.empty }
const show = StateEffect.define<Shown>()

const field = StateField.define<Shown>({
  create: () => NOTHING,
  update(before, { changes, docChanged, effects }) {
    const value = docChanged ? { lines: before.lines.map(changes), counts: before.counts.map(changes) } : before
    return effects.reduce((last, effect) => (effect.is(show) ? effect.value : last), value)
  },
  provide: (own) => EditorView.decorations.from(own, ({ lines }) => lines),
})

/** Shows notes beside lines: values at their ends, counts in the gutter, heat behind them. */
export const lineNotes: Extension = [field, gutter({ class: 'cm-counts', markers: (view) => view.state.field(field).counts })]

/** Returns how many characters of a line are seen. */
export function visibleColumns({ scrollDOM, contentDOM, defaultCharacterWidth }: EditorView): number {
  return Math.floor((scrollDOM.clientWidth - contentDOM.offsetLeft) / defaultCharacterWidth)
}

/** Characters between the end of a line and its values, and after them. */
const VALUES_SPACE = 4

/** Returns a transaction that shows other notes. Values that would cover code, as so many characters of a line are seen, are below it. */
export function showNotes(state: EditorState, notes: LineNotes, columns: number): { readonly effects: StateEffect<unknown> } {
  const { doc } = state
  const lineOf = (line: number) => doc.lineAt(findPlace(state, 'running', line, 1))
  const lines: Range<Decoration>[] = []
  for (const [line, part] of notes.heat) {
    const shade = Math.ceil(part * SHADES)
    if (shade > 0) lines.push(Decoration.line({ class: `cm-heat cm-heat-${Math.min(SHADES, shade)}` }).range(lineOf(line).from))
  }
  if (notes.current !== undefined) lines.push(Decoration.line({ class: 'cm-step' }).range(lineOf(notes.current).from))
  for (const [number, { text, isAhead }] of notes.values) {
    const line = lineOf(number)
    const isBelow = line.length + VALUES_SPACE + text.length > columns
    const widget = new Values(text, `cm-values${isAhead ? ' cm-ahead' : ''}${isBelow ? ' cm-below' : ''}`)
    lines.push(Decoration.widget({ widget, side: 1, block: isBelow }).range(line.to))
  }
  const counts = [...notes.counts].map(([line, count]) => new Count(count).range(lineOf(line).from))
  return { effects: show.of({ lines: Decoration.set(lines, true), counts: RangeSet.of(counts, true) }) }
}
