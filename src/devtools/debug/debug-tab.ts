import type { WasmScriptRuntime } from '../../index.ts'
import { button, element, setText } from '../elements/element.ts'
import { messageOf } from '../elements/format-number.ts'
import type { OpenSource } from '../elements/source-place.ts'
import type { InspectorTab } from '../panel/tabs.ts'
import type { Debugger } from './debugger.ts'
import type { DebugPart } from './timeline.ts'

/** Creates the tab that shows the past of the game. What it is made of is loaded when the past is first kept. */
export function createDebugTab(runtime: WasmScriptRuntime, debug: Debugger, openSource: OpenSource | undefined): InspectorTab {
  const problem = element('p', { class: 'error', role: 'status' })
  const start = button('Keep the past', () => void open())
  const offer = element(
    'div',
    { class: 'empty' },
    element('p', {}, 'Keeps the last 30 seconds of the game, any tick of which can run again: each line, each local, each write.'),
    start,
    problem,
  )
  const place = element('div', { class: 'filled' }, offer)
  let view: DebugPart | undefined
  let loading: Promise<void> | undefined

  async function open(): Promise<void> {
    setText(problem, '')
    try {
      await debug.open()
      await load()
    } catch (error) {
      setText(problem, messageOf(error))
    }
  }

  async function load(): Promise<void> {
    loading ??= Promise.all([import('./debug-view.ts'), import('./debug-style.ts')]).then(([{ createDebugView }, { addDebugStyle }]) => {
      addDebugStyle(place)
      view = createDebugView(runtime, debug, openSource)
      place.append(view.element)
    })
    await loading.catch((error: unknown) => {
      loading = undefined
      throw error
    })
    refresh()
  }

  function refresh(): void {
    // An editor may have opened it.
    if (debug.isOpen && view === undefined) {
      if (loading === undefined) void load().catch((error: unknown) => setText(problem, messageOf(error)))
      return
    }
    if (view === undefined || offer.hidden !== debug.isOpen) swap()
    if (debug.isOpen) view?.refresh()
  }

  /** Shows the view in the place of the offer, or the other way round. What had the focus is hidden then. */
  function swap(): void {
    const hadFocus = place.contains((place.getRootNode() as ShadowRoot).activeElement)
    offer.hidden = debug.isOpen
    if (view === undefined) return
    view.element.hidden = !debug.isOpen
    if (hadFocus) (debug.isOpen ? view.element.querySelector('button') : start)?.focus()
  }

  let stopListening: (() => void) | undefined
  return {
    title: 'Debug',
    element: place,
    refresh() {
      // Between two refreshes, what the keyboard did is shown at once.
      stopListening ??= debug.on(refresh)
      refresh()
    },
    hide() {
      stopListening?.()
      stopListening = undefined
    },
  }
}
