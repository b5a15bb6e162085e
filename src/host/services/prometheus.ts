import { familiesOf, type Metric } from './script-metrics.ts'

/** The lines of one metric. */
interface Family {
  readonly type: string
  readonly lines: string[]
}

/**
 * Returns metrics in the text format of Prometheus, version 0.0.4: a `# TYPE` line for each name, then a line for each series, with the
 * tag `script`. A histogram is a `summary` with its count and its sum, and two gauges, for the least and the greatest.
 */
export function formatPrometheus(metrics: readonly Metric[]): string {
  const families = new Map<string, Family>()
  const add = (family: string, type: string, name: string, { tags, script }: Metric, value: number): void => {
    const found = families.get(family) ?? { type, lines: [] }
    families.set(family, found)
    found.lines.push(`${name}{${labels({ ...tags, script })}} ${numberText(value)}`)
  }
  for (const metric of metrics) {
    const [[name = ''] = [], ...parts] = familiesOf(metric)
    if (metric.kind !== 'histogram') {
      add(name, metric.kind, name, metric, metric.value)
      continue
    }
    const { value } = metric
    const [count = '', sum = '', min = '', max = ''] = parts.map(([part]) => part)
    add(name, 'summary', sum, metric, value.sum)
    add(name, 'summary', count, metric, value.count)
    if (value.count === 0) continue
    add(min, 'gauge', min, metric, value.min)
    add(max, 'gauge', max, metric, value.max)
  }
  return [...families].map(([name, { type, lines }]) => `# TYPE ${name} ${type}\n${lines.join('\n')}\n`).join('')
}

function labels(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .map(([key, value]) => `${key}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`)
    .join(',')
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value)
}
