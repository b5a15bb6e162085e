import { ScriptError } from '../../errors.ts'
import { abbreviate } from '../../printable.ts'

/** The kinds of metric. */
export type MetricKind = 'counter' | 'gauge' | 'histogram'

/** What a histogram has of the numbers that it was given. */
export interface HistogramValue {
  /** How many there were. */
  readonly count: number
  /** Their sum. */
  readonly sum: number
  /** The least; 0 if there were none. */
  readonly min: number
  /** The greatest; 0 if there were none. */
  readonly max: number
}

/** A metric of a script, as `runtime.metrics()` returns it. */
export type Metric = {
  /** The name, without tags. */
  readonly name: string
  /** The tags by key, sorted. */
  readonly tags: Readonly<Record<string, string>>
  /** The name of the script. */
  readonly script: string
} & ({ readonly kind: 'counter' | 'gauge'; readonly value: number } | { readonly kind: 'histogram'; readonly value: HistogramValue })

/** A metric with its tags, as an import names it. */
export interface MetricSeries {
  /** Identifies it within a script. */
  readonly key: string
  readonly kind: MetricKind
  readonly name: string
  readonly tags: Readonly<Record<string, string>>
}

const NAME = /^[a-z_][a-z0-9_]*$/i
const SHAPE = /^([^{}]*)(?:\{([^{}]*)\})?$/
const RESERVED_TAG = 'script'

/** Parses the name of an import such as `shots{weapon=laser}`. Throws `UnknownImport`. */
export function parseSeries(kind: MetricKind, imported: string): MetricSeries {
  const fail = (why: string): never => {
    const label = `metrics.${kind}::${abbreviate(imported)}`
    throw new ScriptError('UnknownImport', `${label} is not the name of a metric: ${why}; write it as shots{weapon=laser,mode=burst}`)
  }
  const [, name = '', inside] = SHAPE.exec(imported) ?? fail('its braces do not match')
  if (!NAME.test(name)) fail('a name has letters, digits and _, and begins with no digit')
  const tags = new Map<string, string>()
  for (const tag of inside === undefined ? [] : inside.split(',')) {
    const [key = '', value] = split(tag)
    if (!NAME.test(key) || key.startsWith('__')) fail(`'${abbreviate(key)}' is no key of a tag, which has letters, digits and _`)
    if (key === RESERVED_TAG) fail(`the tag '${key}' is the name of the script that writes it`)
    if (value === undefined || value === '') fail(`the tag '${key}' has no value`)
    if (tags.has(key)) fail(`the tag '${key}' is given twice`)
    tags.set(key, value as string)
  }
  const sorted = [...tags].sort(([one], [other]) => (one < other ? -1 : 1))
  return { key: `${kind} ${name} ${JSON.stringify(sorted)}`, kind, name, tags: Object.fromEntries(sorted) }
}

function split(tag: string): string[] {
  const at = tag.indexOf('=')
  return at < 0 ? [tag] : [tag.slice(0, at), tag.slice(at + 1)]
}

/** The names that a metric takes in the format of Prometheus, each with what it is there. A name can be only one thing. */
export function familiesOf({ kind, name }: Pick<MetricSeries, 'kind' | 'name'>): readonly (readonly [name: string, what: string])[] {
  if (kind !== 'histogram') return [[name, `a ${kind}`]]
  return [
    [name, 'a histogram'],
    ...['count', 'sum', 'min', 'max'].map((part) => [`${name}_${part}`, `the ${part} of a histogram`] as const),
  ]
}

/** A number, or the count, the sum, the least and the greatest of a histogram. */
type Value = number[]

/** The values of metrics, by the key of each. */
export type MetricsImage = readonly (readonly [key: string, value: readonly number[]])[]

/** The metrics of one script. */
export class Metrics {
  readonly #values = new Map<string, Value>()

  /** Adds to a counter. A number that is negative or NaN is not added. */
  add(key: string, value: number): void {
    if (value >= 0) this.#at(key, 1)[0] += value
  }

  set(key: string, value: number): void {
    this.#at(key, 1)[0] = value
  }

  /** Adds a number to a histogram. NaN is not added. */
  observe(key: string, value: number): void {
    if (Number.isNaN(value)) return
    const parts = this.#at(key, 4) as [number, number, number, number]
    parts[2] = parts[0] === 0 ? value : Math.min(parts[2], value)
    parts[3] = parts[0] === 0 ? value : Math.max(parts[3], value)
    parts[0]++
    parts[1] += value
  }

  read({ key, kind, name, tags }: MetricSeries, script: string): Metric {
    const [first = 0, sum = 0, min = 0, max = 0] = this.#values.get(key) ?? []
    if (kind !== 'histogram') return { name, kind, tags, value: first, script }
    return { name, kind, tags, value: { count: first, sum, min, max }, script }
  }

  /** Forgets the metrics that are not among those given. */
  keep(series: ReadonlyMap<string, MetricSeries>): void {
    for (const key of this.#values.keys()) if (!series.has(key)) this.#values.delete(key)
  }

  save(): MetricsImage {
    return [...this.#values].map(([key, value]) => [key, [...value]])
  }

  restore(image: MetricsImage): void {
    this.#values.clear()
    for (const [key, value] of image) this.#values.set(key, [...value])
  }

  #at(key: string, length: number): Value & { 0: number } {
    let value = this.#values.get(key)
    if (value === undefined) {
      value = new Array<number>(length).fill(0)
      this.#values.set(key, value)
    }
    return value as Value & { 0: number }
  }
}
