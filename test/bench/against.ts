import { median, quantile } from './measure.ts'
import { formatNumber, formatRatio, NOTHING, type Table } from './table.ts'

/** What `--json` writes, as far as it is compared. */
export interface Baseline {
  readonly machine: { readonly node: string; readonly processor: string }
  readonly suites: Readonly<Record<string, unknown>>
}

/** One number of a suite. Less is better. */
export interface Measurement {
  readonly row: string
  readonly value: number
  /** The distance of the quartiles, in parts of the median; NaN if there are none. */
  readonly spread: number
}

/** Numbers that tell rows apart. */
const IDENTITIES: readonly string[] = ['entities', 'bytes']
/** Numbers that follow from others, or are more of them where it is better. */
const DERIVED: readonly string[] = ['fastest', 'rounds', 'ratio', 'geometricMean', 'callsPerSecond', 'megabytesPerSecond']

/**
 * Returns the measurements in the data of a suite. An object with a `median` is one, with the quartiles `lower` and `upper`; so is a list of
 * numbers, and any other number. The names in the objects around it are its row.
 */
export function measurementsIn(suite: string, data: unknown): readonly Measurement[] {
  const found: Measurement[] = []
  const seen = new Map<string, number>()
  const add = (labels: readonly string[], value: number, spread: number): void => {
    const name = labels.join(', ')
    const count = (seen.get(name) ?? 0) + 1
    seen.set(name, count)
    if (Number.isFinite(value)) found.push({ row: count === 1 ? name : `${name} (${count})`, value, spread })
  }
  const visit = (value: unknown, labels: readonly string[]): void => {
    if (typeof value === 'number') add(labels, value, Number.NaN)
    else if (Array.isArray(value) && value.every((each) => typeof each === 'number')) {
      if (value.length > 0) add(labels, median(value), (quantile(value, 0.75) - quantile(value, 0.25)) / median(value))
    } else if (Array.isArray(value)) for (const each of value) visit(each, labels)
    else if (typeof value === 'object' && value !== null) visitObject(value as Record<string, unknown>, labels)
  }
  const visitObject = (value: Record<string, unknown>, labels: readonly string[]): void => {
    const entries = Object.entries(value)
    const own = entries.flatMap(([key, each]) =>
      typeof each === 'string'
        ? [each]
        : typeof each === 'number' && IDENTITIES.includes(key)
          ? [`${each.toLocaleString('en')} ${key}`]
          : [],
    )
    const { median: middle, lower, upper } = value
    if (typeof middle === 'number') {
      add([...labels, ...own], middle, typeof lower === 'number' && typeof upper === 'number' ? (upper - lower) / middle : Number.NaN)
      return
    }
    for (const [key, each] of entries)
      if (!IDENTITIES.includes(key) && !DERIVED.includes(key)) visit(each, [...labels, ...own, ...(isPlainList(each) ? [] : [key])])
  }
  visit(data, [suite])
  return found
}

/** A list of objects, which have names of their own. */
function isPlainList(value: unknown): boolean {
  return Array.isArray(value) && !value.every((each) => typeof each === 'number')
}

/** Compares suites with those of a baseline: the ratio of each number, the spread of both, and the rows that only one of them has. */
export function compareWith(file: string, before: Baseline, now: Baseline): Table {
  const rows: (readonly string[])[] = []
  for (const [suite, data] of Object.entries(now.suites)) {
    const known = new Map(measurementsIn(suite, before.suites[suite]).map((each) => [each.row, each]))
    for (const { row, value, spread } of measurementsIn(suite, data)) {
      const old = known.get(row)
      known.delete(row)
      if (old === undefined) rows.push([row, NOTHING, formatNumber(value), 'new', formatSpread(spread)])
      else rows.push([row, formatNumber(old.value), formatNumber(value), formatRatio(value / old.value), formatSpread(old.spread, spread)])
    }
    for (const { row, value, spread } of known.values()) rows.push([row, formatNumber(value), NOTHING, 'gone', formatSpread(spread)])
  }
  const [one, other] = [before, now].map(({ machine }) => `Node ${machine.node}, ${machine.processor}`)
  return {
    title: `against ${file}`,
    columns: ['', 'before', 'now', 'ratio', 'spread'],
    rows,
    notes: [
      'Times are medians, in the unit of their suite. The spread is the larger distance of the quartiles, in parts of the median.',
      ...(one === other ? [] : [`Before: ${one}. Now: ${other}.`]),
    ],
  }
}

function formatSpread(...spreads: readonly number[]): string {
  const known = spreads.filter(Number.isFinite)
  return known.length === 0 ? NOTHING : `${Math.round(100 * Math.max(...known))} %`
}
