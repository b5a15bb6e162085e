import { button, element, setAttribute, setText } from '../elements/element.ts'
import { formatBytes, formatCount } from '../elements/format-number.ts'
import type { Debugger } from './debugger.ts'
import type { MarkKind } from './tick-marks.ts'

/** A part of the debugger that is shown. */
export interface DebugPart {
  readonly element: HTMLElement
  refresh(): void
}

/** Places on the timeline at which marks are told apart. */
const PLACES = 240
const WORDS: Readonly<Record<MarkKind, string>> = { fault: 'fault', reload: 'reload', hit: 'breakpoint', input: 'input' }

/** Creates a slider over the ticks of the past, with marks above it, and buttons that go from mark to mark. */
export function createTimeline(debug: Debugger): DebugPart {
  const slider = element('input', { type: 'range', 'aria-label': 'Tick', step: 1 })
  const marks = element('div', { class: 'marks', 'aria-hidden': 'true' })
  const label = element('output', { class: 'numbers' })
  const size = element('span', { class: 'muted numbers' })
  const present = element('span', { class: 'muted numbers' })
  const back = button('‹ Mark', () => goToMark(-1), { 'aria-label': 'Previous mark' })
  const forward = button('Mark ›', () => goToMark(1), { 'aria-label': 'Next mark' })
  let drawn = ''
  slider.addEventListener('input', () => void debug.goTo(Number(slider.value)))

  function goToMark(by: -1 | 1): void {
    const here = debug.position?.tick ?? Number.POSITIVE_INFINITY
    // Input may enter with every tick.
    const ticks = [...debug.marks]
      .flatMap(([tick, kinds]) => ([...kinds].some((kind) => kind !== 'input') ? [tick] : []))
      .sort((a, b) => a - b)
    const next = by < 0 ? ticks.findLast((tick) => tick < here) : ticks.find((tick) => tick > here)
    if (next !== undefined) void debug.goTo(next)
  }

  function drawMarks(first: number, last: number): void {
    const places = new Map<string, { readonly kind: MarkKind; readonly place: number }>()
    for (const [tick, kinds] of debug.marks) {
      if (tick < first || tick > last) continue
      const place = Math.round(((tick - first) / Math.max(1, last - first)) * PLACES)
      for (const kind of kinds) places.set(`${kind}${place}`, { kind, place })
    }
    const key = [...places.keys()].join()
    if (key === drawn) return
    drawn = key
    marks.replaceChildren(
      ...[...places.values()].map(({ kind, place }) => {
        const mark = element('i', { class: kind })
        mark.style.left = `${(place / PLACES) * 100}%`
        return mark
      }),
    )
  }

  return {
    element: element(
      'div',
      { class: 'timeline' },
      element('div', { class: 'track' }, marks, slider),
      element('div', { class: 'bar tight' }, back, forward, label, size, present),
    ),
    refresh() {
      const { kept, position } = debug
      slider.disabled = kept === undefined
      if (kept === undefined) {
        setText(label, 'No tick is kept yet: the game must run.')
        setText(size, '')
        setText(present, '')
        return
      }
      const first = Math.min(kept.first, position?.tick ?? kept.first)
      const tick = position?.tick ?? kept.last
      // While the slider is dragged, its range must not change under the pointer.
      if (!slider.matches(':active')) {
        setAttribute(slider, 'min', String(first))
        setAttribute(slider, 'max', String(kept.last))
        if (slider.value !== String(tick)) slider.value = String(tick)
      }
      drawMarks(first, kept.last)
      const kinds = [...(debug.marks.get(tick) ?? [])].map((kind) => WORDS[kind])
      const text = [`tick ${formatCount(tick)}`, ...(position === undefined ? ['live'] : []), ...kinds].join(', ')
      setText(label, text)
      setAttribute(slider, 'aria-valuetext', text)
      setText(size, `${formatCount(kept.last - kept.first + 1)} ticks, ${formatBytes(kept.bytes)}`)
      setText(present, position === undefined ? '' : `The game is drawn as it is now, at tick ${formatCount(kept.last)}.`)
    },
  }
}
