import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
  completionStatus,
} from '@codemirror/autocomplete'
import { codeFolding, foldGutter, foldKeymap, foldService } from '@codemirror/language'
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search'
import { EditorSelection, type Extension, Prec, StateEffect, StateField, type Text } from '@codemirror/state'
import { closeHoverTooltips, EditorView, hoverTooltip, keymap, showTooltip, type Tooltip } from '@codemirror/view'
import type { Assistance, ExplainedWord, Explanation, Proposal } from './assistance.ts'
import { element } from './dom.ts'
import { reveal } from './reveal.ts'

/** Characters of a word after which completion begins by itself. */
const FEW = 2

type Box = Pick<DOMRect, 'left' | 'right' | 'top' | 'bottom'>

const texts = new WeakMap<Text, string>()

/** Returns the text of a document, which is made once. */
function textOf(document: Text): string {
  const text = texts.get(document) ?? document.toString()
  texts.set(document, text)
  return text
}

/** Shows what a language can say: completion, explanations, definitions, folding; and search and the closing of brackets. */
export function assist(assistance: Assistance): Extension {
  return [
    autocompletion({ override: [completion(assistance)], icons: false, defaultKeymap: false, positionInfo: besideList }),
    scrollableList,
    closeBrackets(),
    hoverTooltip(({ state }, position) =>
      state.field(explained) === null ? tooltipOf(assistance.explain(textOf(state.doc), position)) : null,
    ),
    explained,
    codeFolding(),
    foldGutter({ openText: '⌄', closedText: '›' }),
    foldService.of((state, from, to) => assistance.fold(textOf(state.doc), from, to) ?? null),
    search({ top: true }),
    highlightSelectionMatches(),
    EditorView.domEventHandlers({
      mousedown(event, view) {
        if (event.button !== 0 || !(event.ctrlKey || event.metaKey)) return false
        const position = view.posAtCoords(event)
        return position !== null && goToDefinition(assistance, view, position)
      },
    }),
    Prec.high(
      keymap.of([
        { key: 'F1', run: (view) => explainHere(assistance, view) },
        { key: 'F12', run: (view) => goToDefinition(assistance, view, view.state.selection.main.head) || say(view, 'No definition here') },
        { key: 'Escape', run: closeExplanation },
        ...closeBracketsKeymap,
        ...completionKeymap,
        ...searchKeymap,
        ...foldKeymap,
      ]),
    ),
  ]
}

/** Places what explains a word below or above the list of words, so that it hides neither the list nor the line that is written. */
function besideList(view: EditorView, list: Box, _: Box, info: Box, space: Box): { style: string } {
  const line = view.coordsAtPos(view.state.selection.main.head) ?? list
  const isBelow = space.bottom - Math.max(list.bottom, line.bottom) >= info.bottom - info.top
  const left = Math.min(0, space.right - list.left - (info.right - info.left))
  const gap = isBelow ? line.bottom - list.bottom : list.top - line.top
  return { style: `${isBelow ? 'top' : 'bottom'}: calc(100% + ${Math.max(0, gap)}px); left: ${left - 1}px` }
}

/** Lets the keyboard scroll the list of words, as each part of a page that scrolls must. Each change of the words is a new list. */
const scrollableList = EditorView.updateListener.of(({ view, state }) => {
  if (completionStatus(state) === null) return
  const list = view.dom.querySelector<HTMLElement>('.cm-tooltip-autocomplete > [role=listbox]')
  if (list !== null) list.tabIndex = 0
})

function completion({ complete }: Assistance): (context: CompletionContext) => CompletionResult | null {
  return ({ state, pos, explicit }) => {
    const found = complete(textOf(state.doc), pos)
    if (found === undefined) return null
    const isEager = /[".]/.test(state.sliceDoc(found.from - 1, found.from)) || state.sliceDoc(found.from, found.from + 1) === '$'
    if (!explicit && !isEager && pos - found.from < FEW) return null
    return { from: found.from, options: found.words.map(optionOf), validFor: /^[$!]?[\w.]*$/ }
  }
}

function optionOf({ label, detail, kind, explanation, finish, also }: Proposal): Completion {
  return {
    ...{ label, detail, type: kind },
    ...(explanation !== undefined && { info: () => show(explanation) }),
    ...((finish ?? also) !== undefined && {
      apply(view, _, from, to) {
        const { state } = view
        const { insert, skip } = finish?.(state.sliceDoc(to, state.doc.lineAt(to).to)) ?? { insert: label, skip: 0 }
        const more = also?.()
        view.dispatch({
          changes: [...(more === undefined ? [] : [{ from: more.at, insert: more.insert }]), { from, to: to + skip, insert }],
          selection: { anchor: from + insert.length + (more?.insert.length ?? 0) },
          userEvent: 'input.complete',
        })
      },
    }),
  }
}

function show({ title, text, fuel }: Explanation): HTMLElement {
  return element(
    'div',
    { class: 'cm-explanation' },
    element('code', {}, title),
    ...(text === '' ? [] : [element('p', {}, text)]),
    ...(fuel === undefined ? [] : [element('p', { class: 'cm-fuel' }, `Fuel: ${fuel}`)]),
  )
}

function tooltipOf(word: ExplainedWord | undefined): Tooltip | null {
  if (word === undefined) return null
  return {
    pos: word.from,
    end: word.to,
    create() {
      const dom = show(word)
      dom.role = 'tooltip'
      return { dom }
    },
  }
}

const setExplained = StateEffect.define<Tooltip | null>()

/** The explanation that a key opened. It closes with the next edit or move of the caret. */
const explained = StateField.define<Tooltip | null>({
  create: () => null,
  update(before, { effects, docChanged, selection }) {
    const set = effects.find((effect) => effect.is(setExplained))
    if (set !== undefined) return set.value
    return docChanged || selection !== undefined ? null : before
  },
  provide: (field) => showTooltip.from(field),
})

function explainHere({ explain }: Assistance, view: EditorView): boolean {
  const word = explain(textOf(view.state.doc), view.state.selection.main.head)
  // The word may be the one under the pointer.
  view.dispatch({ effects: [setExplained.of(tooltipOf(word)), closeHoverTooltips] })
  return say(
    view,
    word === undefined ? 'Nothing to explain here' : [word.title, word.text, word.fuel === undefined ? '' : `fuel ${word.fuel}`].join('. '),
  )
}

function closeExplanation(view: EditorView): boolean {
  if (view.state.field(explained) === null) return false
  view.dispatch({ effects: setExplained.of(null) })
  return true
}

/** Reads a text out to those who do not see the screen. */
function say(view: EditorView, text: string): true {
  view.dispatch({ effects: EditorView.announce.of(text) })
  return true
}

/** Moves the caret to the definition of the name at a position. Returns whether there is one. */
function goToDefinition({ define }: Assistance, view: EditorView, position: number): boolean {
  const place = define(textOf(view.state.doc), position)
  if (place === undefined) return false
  view.dispatch({
    selection: EditorSelection.range(place.from, place.to),
    effects: reveal(view, place.from, { y: 'nearest', yMargin: 40 }),
    userEvent: 'select.definition',
  })
  view.focus()
  return true
}
