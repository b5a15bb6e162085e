import { EditorView } from '@codemirror/view'
import { ScriptError, type SourceLocation } from 'bitscript'
import { mountEditor } from '../../../../demo/editor/editor.ts'
import type { LiveEditor } from '../../../../demo/editor/live-editor.ts'
import { decodeShare } from '../../../../demo/editor/share.ts'
import type { Vocabulary } from '../../../../demo/editor/vocabulary.ts'

/** A fake game, with a clock that tests advance. */
export interface Fake {
  readonly editor: LiveEditor
  /** The texts that were tried, by script, in order. */
  readonly tried: [name: string, text: string][]
  /** Advances the clock by milliseconds. */
  pass(milliseconds: number): void
  /** Advances by a frame, in which pending traps happen. */
  frame(): void
  /** Makes a script trap in a line of the running text. */
  trap(name: string, line: number, column: number): void
  /** Returns the selected text. */
  selected(): string
  decodeShare: typeof decodeShare
}

declare global {
  /** The scripts of the game, which the server inserts here. */
  const TEXTS: [name: string, text: string][]
  /** What scripts can name. */
  const WORDS: Vocabulary
  interface Window {
    texts: [name: string, text: string][]
    fake: Fake
  }
}

window.texts = TEXTS
const listeners = new Set<(error: ScriptError) => void>()
const running = new Map(TEXTS.map(([name, text]) => [name, { text, generation: 1 }]))
const former = new Map(running)
const tried: [string, string][] = []
const trapping = new Set<string>()
let timers: { left: number; act: () => void }[] = []

/** Returns the line and column of each occurrence of a part of a text. */
function placesOf(text: string, part: string): { line: number; column: number }[] {
  return text.split('\n').flatMap((line, index) => (line.includes(part) ? [{ line: index + 1, column: line.indexOf(part) + 1 }] : []))
}

/** Returns the line and column of the first occurrence of a part of a text. */
function placeOf(text: string, part: string): { line: number; column: number } {
  const lines = text.slice(0, text.indexOf(part)).split('\n')
  return { line: lines.length, column: (lines.at(-1) as string).length + 1 }
}

function tell(script: string, line: number, column: number, former?: number): void {
  const back = `; generation ${running.get(script)?.generation} was on probation: code and world are back at tick 7, and generation ${former} runs on`
  const location = { file: script, line, column }
  const error = new ScriptError('Trap', `divide by zero${former === undefined ? '' : back}`, { script, entity: 12, location, frame: '' })
  for (const listener of listeners) listener(error)
}

const editor = mountEditor(
  document.querySelector('main') as HTMLElement,
  {
    scripts: TEXTS.map(([name, text]) => ({ name, text })),
    async apply(name, text) {
      tried.push([name, text])
      if (text.includes('i32.cost')) {
        const detail = 'unexpected token "i32.cost", expected an instr'
        const mistakes = placesOf(text, 'i32.cost').map((place) => ({ detail, location: { file: name, ...place }, frame: '' }))
        const location = mistakes[0]?.location as SourceLocation
        throw new ScriptError('InvalidText', `${detail} (and 15 more)`, { location, frame: '', mistakes })
      }
      const before = running.get(name) ?? { text: '', generation: 0 }
      const code = (whole: string): string => whole.replace(/;;.*/g, '').replace(/\s+/g, ' ').trim()
      const unchanged = code(text) === code(before.text) && text !== before.text
      const generation = before.generation + (unchanged ? 0 : 1)
      former.set(name, before)
      running.set(name, { text, generation })
      if (text.includes('(i32.div_s (local.get $eid)')) trapping.add(name)
      const ms = { compile: 1, link: 1, state: 1, total: 3 }
      return {
        script: name,
        generation,
        unchanged,
        state: unchanged ? 'preserved' : 'restored',
        carried: [],
        dropped: [],
        ran: [],
        warnings: [],
        ms,
      }
    },
    words: () => WORDS,
    onFault(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  },
  {
    after(milliseconds, act) {
      const timer = { left: milliseconds, act }
      timers.push(timer)
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },
  },
)

window.fake = {
  selected() {
    const shadow = editor.element.querySelector('.live-code')?.shadowRoot
    const view = EditorView.findFromDOM(shadow?.querySelector('.cm-editor') as HTMLElement) as EditorView
    const { from, to } = view.state.selection.main
    return view.state.sliceDoc(from, to)
  },
  editor,
  tried,
  decodeShare,
  pass(milliseconds) {
    for (const timer of timers) timer.left -= milliseconds
    const due = timers.filter(({ left }) => left <= 0)
    timers = timers.filter(({ left }) => left > 0)
    for (const { act } of due) act()
  },
  frame() {
    for (const name of trapping) {
      const { line, column } = placeOf(running.get(name)?.text as string, 'i32.div_s')
      const back = former.get(name) as { text: string; generation: number }
      tell(name, line, column, back.generation)
      running.set(name, back)
    }
    trapping.clear()
  },
  trap: (name, line, column) => tell(name, line, column),
}
