import { history } from '@codemirror/commands'
import { EditorState } from '@codemirror/state'
import { type EditorView, keymap } from '@codemirror/view'
import { breakpoints } from '../../../demo/editor/debugging/breakpoints.ts'
import type { Documents } from '../../../demo/editor/documents.ts'
import type { EditedScript, EditorHost } from '../../../demo/editor/editor-host.ts'
import type { EditorParts } from '../../../demo/editor/editor-parts.ts'
import type { Runs } from '../../../demo/editor/runs.ts'
import { ScriptFiles } from '../../../demo/editor/script-files.ts'
import { versions } from '../../../demo/editor/versions.ts'

/** The texts of an editor, without a page. */
export function createDocuments(scripts: readonly EditedScript[]): Documents {
  const states = new Map<string, EditorState>()
  const add = ({ name, text, draft }: EditedScript): void => {
    states.set(name, EditorState.create({ doc: draft?.running ?? text, extensions: [breakpoints(() => undefined), versions, history()] }))
  }
  const state = (name: string): EditorState => {
    const found = states.get(name)
    if (found === undefined) throw new RangeError(`there is no script '${name}' to edit`)
    return found
  }
  for (const script of scripts) add(script)
  let current = scripts[0]?.name ?? ''
  return {
    get view() {
      const boxes = { scrollDOM: { clientWidth: 0 }, contentDOM: { offsetLeft: 0 }, defaultCharacterWidth: 8 }
      return { state: state(current), ...boxes } as unknown as Documents['view']
    },
    get current() {
      return current
    },
    open: (name) => {
      current = name
    },
    state,
    text: (name) => state(name).doc.toString(),
    dispatch: (name, spec) => void states.set(name, state(name).update(spec).state),
    compare: () => undefined,
    add,
    remove: (name) => void states.delete(name),
    dispose: () => undefined,
  }
}

/** Presses a key of the keymap in a text, with the caret at a position. */
export function press(documents: Documents, name: string, key: string, at: number): void {
  documents.dispatch(name, { selection: { anchor: at } })
  const state = documents.state(name)
  const binding = state
    .facet(keymap)
    .flat()
    .find((each) => each.key === key)
  binding?.run?.({ state, dispatch: documents.dispatch.bind(documents, name) } as unknown as EditorView)
}

/** The parts of an editor of scripts, and what it said last. */
export interface TestedParts extends EditorParts {
  readonly said: string
  /** Takes what runs the texts. */
  use(runs: Runs): void
}

/** Creates the parts of an editor without a page. */
export function createParts(scripts: readonly EditedScript[], host: Pick<EditorHost, 'apply' | 'remove'>): TestedParts {
  const documents = createDocuments(scripts)
  let said = ''
  let runs: Runs | undefined
  return {
    host: { ...host, scripts, onFault: () => () => undefined },
    documents,
    files: new ScriptFiles(scripts),
    disposed: new AbortController().signal,
    open: documents.open,
    run: async (name) => runs?.start(name),
    say({ text }) {
      said = text
    },
    isLocked: () => false,
    update: () => undefined,
    keep: () => undefined,
    get said() {
      return said
    },
    use(given) {
      runs = given
    },
  }
}
