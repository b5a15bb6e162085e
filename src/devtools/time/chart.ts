import uPlot from 'uplot'
import { element, setText } from '../elements/element.ts'
import { CHART_TICKS, type Series } from './tick-meter.ts'

/** A line chart of the last ticks. */
export interface Chart {
  draw(series: Series): void
  dispose(): void
}

/** Options of {@link createChart}. */
export interface ChartOptions {
  /** The quantity that is shown, with its unit. */
  readonly label: string
  /** The custom property that holds the colour of the line. */
  readonly colour: string
  /** What the vertical axis spans: from 0 to the highest value, or at least to this one; or from the lowest value to the highest. */
  readonly range: { readonly minimumTop: number } | 'fitted'
  format(value: number): string
  /** What the numbers were taken at. @default 'ticks' */
  readonly of?: string
}

const HEIGHT = 64
/** The value at the upper edge, relative to the highest value. */
const HEADROOM = 1.05
const TICKS = Array.from({ length: CHART_TICKS }, (_, index) => index - CHART_TICKS + 1)

/** Creates a chart as wide as its parent, which must be in the page to have a width. */
export function createChart(parent: HTMLElement, { label, colour, range, format, of = 'ticks' }: ChartOptions): Chart {
  // The numbers are HTML: drawing them on the canvas would take longer than the rest of the chart.
  const caption = element('figcaption', { class: 'muted numbers' }, label)
  const place = element('div', { class: 'chart', role: 'img', 'aria-label': `${label}, of the last ${CHART_TICKS} ${of}` })
  const figure = parent.appendChild(element('figure', {}, caption, place))
  const colours = readColours(place, [colour, '--line'])
  const plot = new uPlot(
    {
      width: place.clientWidth,
      height: HEIGHT,
      pxAlign: false,
      legend: { show: false },
      cursor: { show: false },
      padding: [4, 0, 4, 0],
      scales: { x: { time: false }, y: { range: (_, lowest, highest) => edges(range, lowest ?? 0, highest ?? 0) } },
      axes: [
        { show: false },
        { size: 0, space: 20, values: () => [], grid: { stroke: () => colours.value[1] as string, width: 1 }, ticks: { show: false } },
      ],
      series: [{}, { stroke: () => colours.value[0] as string, width: 1.5, points: { show: false } }],
    },
    [TICKS, new Array<null>(CHART_TICKS).fill(null)],
    place,
  )
  const observer = new ResizeObserver(() => {
    if (place.clientWidth > 0 && place.clientWidth !== plot.width) plot.setSize({ width: place.clientWidth, height: HEIGHT })
  })
  observer.observe(place)
  const scheme = matchMedia('(prefers-color-scheme: dark)')
  const recolour = (): void => {
    colours.read()
    plot.redraw(false, true)
  }
  scheme.addEventListener('change', recolour)
  return {
    draw(series) {
      plot.setData([TICKS, series as (number | null)[]])
      const known = series.filter((value) => value !== null)
      const sum = known.reduce((total, value) => total + value, 0)
      const [lowest, highest] = [Math.min(...known), Math.max(...known)]
      if (known.length === 0) return
      if (range === 'fitted') setText(caption, `${label}: ${format(known.at(-1) ?? 0)}, from ${format(lowest)} to ${format(highest)}`)
      else setText(caption, `${label}: average ${format(sum / known.length)}, maximum ${format(highest)}`)
    },
    dispose() {
      scheme.removeEventListener('change', recolour)
      observer.disconnect()
      plot.destroy()
      figure.remove()
    },
  }
}

/** Returns the values at the lower and the upper edge. */
function edges(range: ChartOptions['range'], lowest: number, highest: number): [number, number] {
  if (range !== 'fitted') return [0, Math.max(range.minimumTop, highest * HEADROOM)]
  const margin = Math.max((highest - lowest) * (HEADROOM - 1), Math.abs(highest) * 1e-6, Number.EPSILON)
  return [lowest - margin, highest + margin]
}

/**
 * Resolves custom properties to colours, by way of `color`, the property that `getComputedStyle` resolves. A canvas does not
 * support `var()` or `light-dark()`.
 */
function readColours(place: HTMLElement, names: readonly string[]): { readonly value: readonly string[]; read(): void } {
  const probe = place.appendChild(element('i', { hidden: true }))
  const colours = {
    value: [] as readonly string[],
    read() {
      colours.value = names.map((name) => {
        probe.style.color = `var(${name})`
        return getComputedStyle(probe).color
      })
    },
  }
  colours.read()
  return colours
}
