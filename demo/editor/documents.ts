import { defaultKeymap, history, historyKeymap, indentLess, indentMore, isolateHistory } from '@codemirror/commands'
import { bracketMatching, indentOnInput, indentUnit } from '@codemirror/language'
import { lintGutter, nextDiagnostic } from '@codemirror/lint'
import { Compartment, EditorState, type Extension, type StateEffect, type TransactionSpec } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap } from '@codemirror/view'
import { breakpoints, movesBreakpoints } from './debugging/breakpoints.ts'
import { lineNotes } from './debugging/line-notes.ts'
import { element } from './dom.ts'
import type { EditedScript } from './editor-host.ts'
import { theme } from './theme.ts'
import { versions } from './versions.ts'
import type { TextChange } from './wat/format.ts'
import { STEP } from './wat/nesting.ts'

/** Milliseconds after Escape in which the Tab key moves the focus instead of indenting. */
const TAB_FOCUS_TIME = 2000

/** The texts of the scripts in one view. Each has its own undo history, caret and scroll position. */
export interface Documents {
  readonly view: EditorView
  /** The script whose text is shown. */
  readonly current: string
  open(name: string): void
  state(name: string): EditorState
  text(name: string): string
  dispatch(name: string, spec: TransactionSpec): void
  /** Shows what an extension compares a text with; an empty one shows the text alone. */
  compare(name: string, extension: Extension): void
  add(script: EditedScript): void
  /** Removes a text that is not shown. */
  remove(name: string): void
  dispose(): void
}

/** The languages of the texts. */
export interface Languages {
  readonly wat: Extension
  assemblyScript(): Promise<Extension>
}

interface Document {
  state: EditorState
  scroll: StateEffect<unknown> | undefined
  /** Whether its language is still to be loaded. */
  lacksLanguage: boolean
}

/**
 * Creates the view in a shadow root of `parent`, and shows the first script. Calls `onEdit` whenever a text has changed, and `onBreakpoints` whenever the
 * lines of its breakpoints have. `hint` is read out with the text.
 */
export function createDocuments(
  parent: HTMLElement,
  scripts: readonly EditedScript[],
  hint: string,
  languages: Languages,
  onEdit: (name: string) => void,
  onBreakpoints: (name: string) => void,
): Documents {
  const [language, comparison] = [new Compartment(), new Compartment()]
  const shared: Extension = [
    breakpoints(() => onBreakpoints(current)),
    common,
    lineNotes,
    EditorView.updateListener.of(({ docChanged }) => docChanged && onEdit(current)),
  ]
  const documents = new Map<string, Document>()
  // A page whose policy is `style-src 'self'` refuses the style elements of the editor, but not the sheets of a shadow root.
  const root = parent.attachShadow({ mode: 'open' })
  const description = element('p', { id: 'hint', hidden: true }, hint)
  for (const script of scripts) add(script)

  function add({ name, text, draft, locked, language: kind = 'wat' }: EditedScript): void {
    const readOnly = EditorState.readOnly.of(locked !== undefined)
    const extensions = [
      shared,
      readOnly,
      comparison.of([]),
      language.of(kind === 'wat' ? languages.wat : []),
      EditorView.contentAttributes.of({
        'aria-label': locked === undefined && kind === 'wat' ? `${name}.wat` : name,
        'aria-describedby': description.id,
      }),
    ]
    let state = EditorState.create({ doc: draft?.running ?? text, extensions })
    // An edit that was not run can be undone.
    if (draft !== undefined && draft.text !== draft.running)
      state = state.update({ ...replaceBy(state, draft.text), selection: { anchor: 0 } }).state
    documents.set(name, { state, scroll: undefined, lacksLanguage: kind !== 'wat' })
  }
  /** Adds a language that is loaded when a text of it is first shown. */
  async function addLanguage(name: string): Promise<void> {
    const document = find(name)
    if (!document.lacksLanguage) return
    document.lacksLanguage = false
    const extension = await languages.assemblyScript().catch(() => {
      // The text can be edited without it.
      document.lacksLanguage = true
      return []
    })
    // The text can have been removed meanwhile.
    if (documents.get(name) === document) dispatch(name, { effects: language.reconfigure(extension) })
  }
  const find = (name: string): Document => {
    const document = documents.get(name)
    if (document === undefined) throw new RangeError(`there is no script '${name}' to edit`)
    return document
  }
  let current = scripts[0]?.name ?? ''
  const view = new EditorView({ parent: root, root, ...(scripts.length > 0 && { state: find(current).state }) })
  const dispatch = (name: string, spec: TransactionSpec): void => {
    if (name === current) {
      view.dispatch(spec)
      return
    }
    const document = find(name)
    const transaction = document.state.update(spec)
    document.state = transaction.state
    if (transaction.docChanged) onEdit(name)
    if (movesBreakpoints(transaction)) onBreakpoints(name)
  }
  const stateOf = (name: string): EditorState => (name === current ? view.state : find(name).state)
  root.prepend(description)
  makeScrollable(view)
  return {
    view,
    get current() {
      return current
    },
    open(name) {
      if (name === current) return
      const next = find(name)
      const left = find(current)
      left.state = view.state
      left.scroll = view.scrollSnapshot()
      current = name
      view.setState(next.state)
      if (next.scroll === undefined) view.scrollDOM.scrollTo(0, 0)
      else view.dispatch({ effects: next.scroll })
      void addLanguage(name)
    },
    state: stateOf,
    text: (name) => stateOf(name).doc.toString(),
    dispatch,
    compare: (name, extension) => dispatch(name, { effects: comparison.reconfigure(extension) }),
    add,
    remove: (name) => void documents.delete(name),
    dispose: () => view.destroy(),
  }
}

/** Lets the keyboard scroll the text without moving the caret. */
function makeScrollable({ scrollDOM }: EditorView): void {
  scrollDOM.tabIndex = 0
  scrollDOM.role = 'group'
  scrollDOM.ariaLabel = 'Text of the script'
}

/** Returns a transaction that replaces the text of a document by another. It changes only the part that differs, as one undo step. */
export function replaceBy(state: EditorState, text: string): TransactionSpec & { changes: TextChange } {
  const old = state.doc.toString()
  let from = 0
  let to = old.length
  let end = text.length
  while (from < to && from < end && old[from] === text[from]) from++
  while (to > from && end > from && old[to - 1] === text[end - 1]) {
    to--
    end--
  }
  return oneStep({ from, to, insert: text.slice(from, end) })
}

/** Returns a transaction that is one undo step. */
export function oneStep<Changes>(changes: Changes): { changes: Changes; annotations: ReturnType<typeof isolateHistory.of> } {
  return { changes, annotations: isolateHistory.of('full') }
}

const common: Extension = [
  lintGutter(),
  history(),
  drawSelection(),
  bracketMatching(),
  indentOnInput(),
  highlightActiveLine(),
  highlightActiveLineGutter(),
  indentUnit.of(' '.repeat(STEP)),
  EditorState.tabSize.of(STEP),
  theme,
  versions,
  EditorView.contentAttributes.of({ spellcheck: 'false', autocapitalize: 'off', autocorrect: 'off' }),
  keymap.of([
    { key: 'Tab', run: indentMore, shift: indentLess },
    {
      key: 'Escape',
      run: (view) => {
        view.setTabFocusMode(TAB_FOCUS_TIME)
        return false
      },
    },
    { key: 'F8', run: nextDiagnostic },
    ...defaultKeymap,
    ...historyKeymap,
  ]),
]
