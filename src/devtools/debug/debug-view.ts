import type { TraceFrame } from '../../debug/index.ts'
import type { WasmScriptRuntime } from '../../index.ts'
import { button, element, setText } from '../elements/element.ts'
import { formatValue } from '../elements/format-number.ts'
import { sourceLink } from '../elements/source-link.ts'
import type { OpenSource } from '../elements/source-place.ts'
import type { Debugger } from './debugger.ts'
import { createStepList } from './step-list.ts'
import { createTimeline, type DebugPart } from './timeline.ts'

/** Creates the view of a debugger that is open: the timeline, the steps of the tick at hand, and the functions that run. */
export function createDebugView(runtime: WasmScriptRuntime, debug: Debugger, openSource: OpenSource | undefined): DebugPart {
  const parts = [createBar(runtime, debug), createTimeline(debug), createStepList(debug), createFrames(debug, openSource)] as const
  const [bar, timeline, steps, frames] = parts
  return {
    element: element(
      'div',
      { class: 'debugger' },
      element('div', { class: 'debug-head' }, bar.element, timeline.element),
      element('div', { class: 'debug-body' }, steps.element, frames.element),
    ),
    refresh() {
      for (const part of parts) part.refresh()
    },
  }
}

/** Creates the buttons that move, and the filter of the steps. */
function createBar(runtime: WasmScriptRuntime, debug: Debugger): DebugPart {
  const live = button('Live', () => debug.live(), { class: 'live' })
  const back = button('‹ Step', () => void debug.step(-1), { 'aria-label': 'Step back' })
  const forward = button('Step ›', () => void debug.step(1), { 'aria-label': 'Step forward' })
  const hits = (['back', 'forward'] as const).map((direction) =>
    button(direction === 'back' ? '‹ Hit' : 'Hit ›', () => void goToHit(direction), {
      'aria-label': direction === 'back' ? 'Previous hit of a breakpoint' : 'Next hit of a breakpoint',
    }),
  )
  const script = element('select', { 'aria-label': 'Steps of script' })
  const entity = element('input', {
    type: 'text',
    inputmode: 'numeric',
    placeholder: 'any entity',
    'aria-label': 'Entity',
    class: 'entity',
  })
  const stop = button('Stop', () => debug.close(), { 'aria-label': 'Stop keeping the past', class: 'stop' })
  const status = element('span', { role: 'status', class: 'error' })
  let names = ''
  let notice = ''

  async function goToHit(direction: 'back' | 'forward'): Promise<void> {
    notice = ''
    const isFound = await debug.goToHit(direction)
    if (!isFound && debug.problem === undefined)
      notice =
        debug.breakpoints.length === 0
          ? 'There is no breakpoint.'
          : `No breakpoint was hit ${direction === 'back' ? 'before' : 'after'} this.`
    refresh()
  }

  function filter(): void {
    notice = ''
    const text = entity.value.trim()
    const isNumber = /^\d{1,9}$/.test(text)
    if (text !== '' && !isNumber) notice = 'An entity is a number.'
    entity.toggleAttribute('aria-invalid', notice !== '')
    if (notice === '')
      void debug.setFilter({ ...(script.value !== '' && { script: script.value }), ...(isNumber && { entity: Number(text) }) })
    refresh()
  }
  script.addEventListener('change', filter)
  entity.addEventListener('change', filter)

  function refresh(): void {
    const all = runtime.scripts().map(({ name }) => name)
    if (all.join() !== names) {
      names = all.join()
      script.replaceChildren(
        element('option', { value: '' }, 'all scripts'),
        ...all.map((name) => element('option', { value: name }, name)),
      )
    }
    const wanted = debug.filter.script ?? ''
    if (script.value !== wanted) script.value = wanted
    if (!entity.matches(':focus')) entity.value = debug.filter.entity === undefined ? '' : String(debug.filter.entity)
    const isLive = debug.position === undefined
    live.setAttribute('aria-pressed', String(isLive))
    // A disabled button would lose the focus.
    for (const each of [back, forward]) each.ariaDisabled = String(isLive)
    for (const each of hits) each.ariaDisabled = String(debug.breakpoints.length === 0)
    const doubt =
      debug.position?.trace.matches === false ? 'The tick did not run as it did then: something changed the game that is no input.' : ''
    setText(status, debug.problem ?? (notice === '' ? doubt : notice))
  }
  return { element: element('div', { class: 'bar' }, live, back, forward, ...hits, script, entity, stop, status), refresh }
}

/** Creates the list of the functions that run at the event at hand, with their locals. */
function createFrames(debug: Debugger, openSource: OpenSource | undefined): DebugPart {
  const list = element('ol', { class: 'frames' })
  const view = element('div', { class: 'frames-view', role: 'region', 'aria-label': 'Functions that run', tabindex: 0 }, list)
  let shown: unknown
  return {
    element: view,
    refresh() {
      const moment = debug.position?.moment
      if (moment === shown) return
      shown = moment
      list.replaceChildren(...(moment?.stack ?? []).map((frame) => frameView(frame, openSource)))
    },
  }
}

function frameView(frame: TraceFrame, openSource: OpenSource | undefined): HTMLElement {
  const { script, place, locals } = frame
  const where = sourceLink(frame, openSource)
  const rows = Object.entries(locals).map(([name, value]) =>
    element('tr', {}, element('th', { scope: 'row', class: 'field' }, name), element('td', { class: 'value' }, formatValue(value))),
  )
  return element(
    'li',
    {},
    element(
      'div',
      { class: 'bar tight' },
      element('b', {}, frame.function),
      where,
      ...(place === undefined ? [element('span', { class: 'muted' }, script)] : []),
    ),
    element('table', { class: 'fields' }, element('tbody', {}, ...rows)),
  )
}
