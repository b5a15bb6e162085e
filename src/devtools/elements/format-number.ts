const counts = new Intl.NumberFormat('en')
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })
/** Significant digits of an f32. */
const DIGITS = 7

/** Formats a whole number: `12,345`. */
export function formatCount(value: number): string {
  return counts.format(Math.round(value))
}

/** Formats a number in few characters: `12.3K`. */
export function formatCompact(value: number): string {
  return compact.format(value)
}

/** Formats milliseconds with three decimals, without the unit. */
export function formatMilliseconds(value: number): string {
  return value.toFixed(3)
}

/** Formats a number of bytes: `1.2 MB`, or `34 kB` where it is less than a tenth of that. */
export function formatBytes(bytes: number): string {
  return bytes < 100_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}

/** Formats the value of a field. Fields of plain components may hold any value. */
export function formatValue(value: unknown): string {
  if (typeof value !== 'number') return String(value)
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(DIGITS)))
}

/** Formats the time of day of a `Date.now()`: `14:03:59`. */
export function formatClock(time: number): string {
  return new Date(time).toTimeString().slice(0, 8)
}

/** Cuts a text to at most `maximum` characters, and adds how many were left out. */
export function shorten(text: string, maximum: number): string {
  return text.length <= maximum ? text : `${text.slice(0, maximum)}… (${formatCount(text.length - maximum)} more characters)`
}

/** Returns the message of a thrown value. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
