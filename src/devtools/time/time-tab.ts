import type { RestoreReport } from '../../index.ts'
import { button, element, setAttribute, setText } from '../elements/element.ts'
import { formatCount, formatMilliseconds, messageOf } from '../elements/format-number.ts'
import { createPace } from '../elements/pace.ts'
import type { InspectorTab } from '../panel/tabs.ts'
import type { Rewind } from './rewind.ts'
import type { GameFiles } from './saved-games.ts'
import type { TickMeter } from './tick-meter.ts'
import type { TimeControls } from './time-controls.ts'

const SPEEDS = [0.25, 0.5, 1, 2] as const
/** Milliseconds over which the tick rate is measured. */
const RATE_PACE = 1000

/** Creates the tab for the time of the game: the current tick, pause, step, speed and rewind. */
export function createTimeTab(meter: TickMeter, rewind: Rewind, files: GameFiles, controls: TimeControls | undefined): InspectorTab {
  const driver = controls && createDriver(controls)
  const now = createClockLine(meter, () => rewind.moment)
  return {
    title: 'Time',
    element: element(
      'div',
      { class: 'time' },
      ...(driver === undefined ? [] : [driver.element]),
      now.element,
      element('h2', {}, 'Rewind'),
      rewind.element,
      element('h2', {}, 'Files'),
      files.element,
    ),
    refresh() {
      driver?.refresh()
      now.refresh()
      rewind.refresh()
      files.refresh()
    },
    close() {
      rewind.close()
      files.close()
    },
  }
}

interface Part {
  readonly element: HTMLElement
  refresh(): void
}

/** Creates the controls for pause, step and speed. */
function createDriver(controls: TimeControls): Part {
  const problem = element('span', { class: 'error', role: 'status' })
  /** The controls are code of the game: what they throw is shown. */
  const attempt = (act: () => void): void => {
    try {
      act()
      setText(problem, '')
      refresh()
    } catch (error) {
      setText(problem, messageOf(error))
    }
  }
  const pause = button('Pause', () =>
    attempt(() => {
      controls.paused = !controls.paused
    }),
  )
  const step = button('Step', () =>
    attempt(() => {
      controls.paused = true
      controls.step()
    }),
  )
  const speeds = SPEEDS.map((speed) => ({
    speed,
    choose: button(`${speed}×`, () =>
      attempt(() => {
        controls.speed = speed
      }),
    ),
  }))
  const refresh = (): void => {
    setText(pause, controls.paused ? 'Play' : 'Pause')
    for (const { speed, choose } of speeds) setAttribute(choose, 'aria-pressed', String(controls.speed === speed))
  }
  const group = element('div', { class: 'group', role: 'group', 'aria-label': 'Speed' }, ...speeds.map(({ choose }) => choose))
  return { element: element('div', { class: 'bar' }, pause, step, group, problem), refresh }
}

/** Creates a line with the current tick, the time and the tick rate. */
function createClockLine(meter: TickMeter, moment: () => RestoreReport | undefined): Part {
  const line = element('p', { class: 'numbers' })
  const pace = createPace(RATE_PACE)
  let rate: number | undefined
  let counted = { ticks: 0, at: 0 }
  return {
    element: line,
    refresh() {
      pace.run(() => {
        const at = performance.now()
        const ticks = meter.ticks - counted.ticks
        if (counted.at > 0 && ticks >= 0) rate = (ticks / (at - counted.at)) * 1000
        counted = { ticks: meter.ticks, at }
      })
      const { latest } = meter
      const at = moment() ?? latest
      const parts = at && [
        `tick ${formatCount(at.tick)}`,
        `${at.time.toFixed(2)} s`,
        ...(rate === undefined ? [] : [`${Math.round(rate)} ticks a second`]),
        ...(latest === undefined ? [] : [`the last took ${formatMilliseconds(latest.ms)} ms`]),
      ]
      setText(line, parts?.join(' · ') ?? 'No tick since the inspector was opened.')
    },
  }
}
