import type { Metric } from '../../index.ts'
import { element, setText } from '../elements/element.ts'
import { formatCompact } from '../elements/format-number.ts'
import { type Chart, createChart } from '../time/chart.ts'
import { CHART_TICKS } from '../time/tick-meter.ts'

/** Metrics that are drawn. The values of further ones are listed. */
const MAX_CHARTS = 12

/** Charts of the metrics of one script. */
export interface MetricCharts {
  readonly element: HTMLElement
  /** Adds the current values, and draws them. Another key, or other metrics, start anew. */
  draw(key: string, metrics: readonly Metric[]): void
  /** Forgets the values. */
  clear(): void
}

interface Drawn {
  readonly chart: Chart
  readonly values: (number | null)[]
}

/** Creates charts of the last readings of metrics: of a histogram, its mean. */
export function createMetricCharts(): MetricCharts {
  const place = element('div', { class: 'charts' })
  const rest = element('p', { class: 'muted numbers' })
  let drawn = new Map<string, Drawn>()
  let current = ''

  function clear(): void {
    for (const { chart } of drawn.values()) chart.dispose()
    drawn = new Map()
    current = ''
  }

  return {
    element: element('div', {}, place, rest),
    draw(key, metrics) {
      const names = metrics.map(nameOf)
      const identity = `${key}\n${names.join('\n')}`
      if (identity !== current) clear()
      current = identity
      for (const [index, metric] of metrics.slice(0, MAX_CHARTS).entries()) {
        const name = names[index] as string
        const line = drawn.get(name) ?? createLine(place, name)
        drawn.set(name, line)
        line.values.shift()
        line.values.push(numberOf(metric))
        line.chart.draw(line.values)
      }
      const others = metrics.slice(MAX_CHARTS).map((metric, index) => `${names[MAX_CHARTS + index]} ${formatCompact(numberOf(metric))}`)
      setText(rest, others.join(', '))
    },
    clear,
  }
}

function createLine(parent: HTMLElement, label: string): Drawn {
  const values = new Array<number | null>(CHART_TICKS).fill(null)
  return {
    chart: createChart(parent, { label, colour: '--chart-ms', range: { minimumTop: 1 }, format: formatCompact, of: 'readings' }),
    values,
  }
}

/** Returns the name of a metric as its import has it. */
function nameOf({ name, tags, kind }: Metric): string {
  const list = Object.entries(tags).map(([key, value]) => `${key}=${value}`)
  const full = list.length === 0 ? name : `${name}{${list.join(',')}}`
  return kind === 'histogram' ? `${full} (mean)` : full
}

function numberOf({ value }: Metric): number {
  if (typeof value === 'number') return value
  return value.count === 0 ? 0 : value.sum / value.count
}
