import { History, type RestoreReport, type WasmScriptRuntime } from '../../index.ts'
import { button, element, setAttribute, setText } from '../elements/element.ts'
import { formatBytes, formatCount, messageOf } from '../elements/format-number.ts'
import { describeScripts } from './saved-games.ts'
import type { TickMeter } from './tick-meter.ts'
import type { TimeControls } from './time-controls.ts'

/** The controls for rewinding. */
export interface Rewind {
  readonly element: HTMLElement
  /** The moment that the game was rewound to, until it continues from there. */
  readonly moment: RestoreReport | undefined
  /** The tick of the past that the game shows; `undefined` while it shows the present. */
  readonly past: number | undefined
  refresh(): void
  close(): void
}

/** Creates a slider over the moments of a history. Without a history, adds a switch that creates one. */
export function createRewind(
  runtime: WasmScriptRuntime,
  meter: TickMeter,
  given: History | undefined,
  controls: TimeControls | undefined,
): Rewind {
  let own: History | undefined
  /** The moment that the slider was last moved to. */
  let restored: RestoreReport | undefined
  const keep = element('input', { type: 'checkbox', role: 'switch' })
  const slider = element('input', { type: 'range', 'aria-label': 'Rewind', step: 1 })
  const label = element('output', { class: 'numbers' })
  const size = element('span', { class: 'muted numbers' })
  const goOn = button('Go on from here', resume)
  const notice = element('p', { class: 'warn', role: 'status' })
  const parts = element('div', { class: 'rewind' }, slider, element('div', { class: 'bar' }, label, size), notice)
  if (controls !== undefined) parts.querySelector('.bar')?.prepend(goOn)
  keep.addEventListener('change', () => {
    restored = undefined
    try {
      refresh()
      setText(notice, '')
    } catch (error) {
      keep.checked = false
      parts.hidden = false
      setText(notice, messageOf(error))
    }
  })
  slider.addEventListener('input', () => goTo(Number(slider.value)))

  /** Returns the history to rewind through. Creates the inspector's own if the switch is on and it does not exist. */
  function current(): History | undefined {
    if (given !== undefined) return given
    if (keep.checked) own ??= new History(runtime)
    else close()
    return own
  }

  function goTo(tick: number): void {
    const history = current()
    if (history === undefined) return
    try {
      if (controls !== undefined) controls.paused = true
      readLatestTime(history)
      restored = history.goTo(tick)
      setText(notice, describeScripts(restored).trim())
    } catch (error) {
      setText(notice, messageOf(error))
    }
    refresh()
  }

  let latestTime = { tick: -1, time: 0 }
  /** Reads the time of the latest moment, which a history does not provide, from the meter or by a restore. */
  function readLatestTime(history: History): void {
    const { last } = history
    if (latestTime.tick === last) return
    latestTime = meter.latest?.tick === last ? meter.latest : history.goTo(last)
  }

  function resume(): void {
    if (controls === undefined) return
    try {
      controls.paused = false
      setText(notice, '')
      slider.focus()
      refresh()
    } catch (error) {
      setText(notice, messageOf(error))
    }
  }

  function describe({ tick, last }: History): string {
    if (tick === last) return `tick ${formatCount(tick)}, now`
    const seconds = restored?.tick === tick && latestTime.tick === last ? restored.time - latestTime.time : undefined
    const behind = seconds === undefined ? `${formatCount(tick - last)} ticks` : `${seconds.toFixed(1)} s`
    return `tick ${formatCount(tick)}, ${behind}`
  }

  function refresh(): void {
    const history = current()
    parts.hidden = history === undefined
    if (history === undefined) return
    const { first, last, tick } = history
    // While the slider is being dragged, its range must not change under the pointer.
    if (!slider.matches(':active') || tick === Number(slider.value)) {
      setAttribute(slider, 'max', String(last))
      setAttribute(slider, 'min', String(first))
      if (slider.value !== String(tick)) slider.value = String(tick)
    }
    const text = describe(history)
    setText(label, text)
    setAttribute(slider, 'aria-valuetext', text)
    setText(size, `${formatCount(last - first + 1)} ticks, ${formatBytes(history.bytes)}`)
    goOn.disabled = controls?.paused !== true
  }

  function close(): void {
    own?.dispose()
    own = undefined
  }

  const offer = element('label', { class: 'choice' }, keep, 'Keep the last 10 seconds, while the inspector is open')
  return {
    element: element('div', {}, ...(given === undefined ? [offer] : []), parts),
    get moment() {
      const history = given ?? own
      return history !== undefined && history.tick === restored?.tick ? restored : undefined
    },
    get past() {
      const history = given ?? own
      return history !== undefined && history.tick < history.last ? history.tick : undefined
    },
    refresh,
    close,
  }
}
