import type { Trace, TraceEvent } from '../../debug/index.ts'
import { element, setAttribute, setText } from '../elements/element.ts'
import { formatCount, formatValue, shorten } from '../elements/format-number.ts'
import { placeText } from '../elements/source-link.ts'
import type { Debugger } from './debugger.ts'
import type { DebugPart } from './timeline.ts'
import type { DebugPosition } from './viewed-events.ts'

/** Steps that are listed before and after the one at hand. */
const AROUND = 60
const PAGE = 10
const MAX_TEXT = 160

/** Creates a strip of the steps of the tick at hand, and the list of those around the one at hand. */
export function createStepList(debug: Debugger): DebugPart {
  const slider = element('input', { type: 'range', 'aria-label': 'Step of the tick', step: 1 })
  const list = element('div', { role: 'listbox', class: 'steps', tabindex: 0, 'aria-label': 'Steps of the tick' })
  const label = element('output', { class: 'numbers' })
  /** `null` before the first refresh. */
  let shown: DebugPosition | undefined | null = null
  slider.addEventListener('input', () => goTo(Number(slider.value)))
  list.addEventListener('click', ({ target }) => {
    const option = (target as Element).closest<HTMLElement>('[role=option]')
    if (option !== null) goTo(Number(option.dataset.index))
  })
  list.addEventListener('keydown', (event) => {
    const { position } = debug
    if (position === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    const { from, length } = position.trace
    const moves: Readonly<Record<string, () => void>> = {
      ArrowUp: () => void debug.step(-1),
      ArrowDown: () => void debug.step(1),
      PageUp: () => goTo(Math.max(from, position.index - PAGE)),
      PageDown: () => goTo(Math.min(from + length - 1, position.index + PAGE)),
      Home: () => goTo(from),
      End: () => goTo(from + length - 1),
    }
    const move = moves[event.key]
    if (move === undefined) return
    event.preventDefault()
    move()
  })

  function goTo(index: number): void {
    const { position } = debug
    if (position !== undefined && position.index >= 0) void debug.goTo(position.tick, index)
  }

  function draw({ trace, index }: DebugPosition): void {
    const last = trace.from + trace.length - 1
    const options: HTMLElement[] = []
    for (let each = Math.max(trace.from, index - AROUND); each <= Math.min(last, index + AROUND); each++)
      options.push(optionOf(trace, each, index))
    list.replaceChildren(...options)
    const selected = options.find((option) => option.ariaSelected === 'true')
    if (selected === undefined) list.removeAttribute('aria-activedescendant')
    else setAttribute(list, 'aria-activedescendant', selected.id)
    // Only the list itself is scrolled.
    if (selected !== undefined) list.scrollTop = selected.offsetTop - list.clientHeight / 2
  }

  return {
    element: element('div', { class: 'strip' }, element('div', { class: 'bar tight' }, slider, label), list),
    refresh() {
      const { position } = debug
      if (position === shown) return
      shown = position
      const isEmpty = position === undefined || position.index < 0
      slider.disabled = isEmpty
      if (isEmpty) {
        list.replaceChildren()
        list.removeAttribute('aria-activedescendant')
        setText(label, position === undefined ? 'The game is live. Choose a tick to see its steps.' : emptyText(position.trace))
        return
      }
      const { trace, index } = position
      setAttribute(slider, 'min', String(trace.from))
      setAttribute(slider, 'max', String(trace.from + trace.length - 1))
      if (slider.value !== String(index)) slider.value = String(index)
      const text = `step ${formatCount(index + 1)} of ${formatCount(trace.total)}`
      setText(label, text)
      setAttribute(slider, 'aria-valuetext', `${text}: ${describeEvent(trace.event(index))}`)
      draw(position)
    },
  }
}

function emptyText({ untraced }: Trace): string {
  const [first] = untraced
  return first === undefined ? 'Nothing ran in this tick, as far as the filter shows.' : `${first.script} has no steps: ${first.why}.`
}

function optionOf(trace: Trace, index: number, selected: number): HTMLElement {
  const event = trace.event(index)
  const option = element(
    'div',
    { role: 'option', id: `step-${index}`, class: `step ${event.kind}`, 'aria-selected': String(index === selected) },
    element('span', { class: 'names' }, describeEvent(event)),
    element('span', { class: 'muted numbers' }, placeText(event)),
  )
  option.dataset.index = String(index)
  option.setAttribute('aria-posinset', String(index - trace.from + 1))
  option.setAttribute('aria-setsize', String(trace.length))
  return option
}

/** Returns what happened, in a line. */
function describeEvent(event: TraceEvent): string {
  return shorten(textOf(event), MAX_TEXT)
}

function textOf(event: TraceEvent): string {
  switch (event.kind) {
    case 'enter':
      return `→ ${event.function}(${namedValues(event.locals)})`
    case 'line':
      return `${event.function}, line ${event.place?.line ?? '?'}`
    case 'returned':
      return `← ${event.function} goes on`
    case 'read':
      return `${event.field} of ${event.entity} is ${formatValue(event.value)}`
    case 'write':
      return `✎ ${event.field} of ${event.entity}: ${formatValue(event.old)} → ${formatValue(event.value)}`
    case 'call': {
      const { result, error } = event
      const outcome = error === undefined ? (result === undefined ? '' : ` = ${formatValue(result)}`) : ' failed'
      return `${event.import}(${event.args.map((value) => valueText(value)).join(', ')})${outcome}`
    }
  }
}

/** Returns locals with their values, in a line. */
function namedValues(locals: Readonly<Record<string, number | bigint>>): string {
  return Object.entries(locals)
    .map(([name, value]) => `${name}=${formatValue(value)}`)
    .join(', ')
}

function valueText(value: unknown): string {
  return typeof value === 'object' && value !== null
    ? JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? String(each) : each))
    : formatValue(value)
}
