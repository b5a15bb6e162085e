const counts = new Intl.NumberFormat('en')
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })
/** Digits that an f32 is sure of. */
const DIGITS = 7

/** A whole number, `12,345`. */
export function formatCount(value: number): string {
  return counts.format(Math.round(value))
}

/** A number in little room, `12.3K`. */
export function formatCompact(value: number): string {
  return compact.format(value)
}

/** Milliseconds to the microsecond, without the unit. */
export function formatMilliseconds(value: number): string {
  return value.toFixed(3)
}

export function formatMegabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}

/** The value of a field. Those of plain components may be anything. */
export function formatValue(value: unknown): string {
  if (typeof value !== 'number') return String(value)
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(DIGITS)))
}

/** The time of day of a `Date.now()`, `14:03:59`. */
export function formatClock(time: number): string {
  return new Date(time).toTimeString().slice(0, 8)
}

/** A text of so many characters at most, and how many were left out. */
export function shorten(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}… (${formatCount(text.length - most)} more characters)`
}

/** What was thrown, in words for a reader. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
