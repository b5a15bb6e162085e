/** A table whose first column names the rows. */
export interface Table {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** Explanations below the table. */
  readonly notes?: readonly string[]
}

/** The text of a cell that was not measured. */
export const NOTHING = '–'

/** Formats a table for a terminal: aligned, numbers to the right. */
export function formatTable({ title, columns, rows, notes = [] }: Table): string {
  const all = [columns, ...rows]
  const widths = columns.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)))
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('   ')
  const rule = '─'.repeat(widths.reduce((sum, width) => sum + width + 3, -3))
  return [title, '', line(columns), rule, ...rows.map(line), ...notes.map((note) => `  ${note}`), ''].join('\n')
}

export function formatMarkdown({ title, columns, rows, notes = [] }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const rule = columns.map((_, column) => (column === 0 ? '---' : '---:'))
  return [`**${title}**`, '', line(columns), line(rule), ...rows.map(line), '', ...notes.flatMap((note) => [note, ''])].join('\n')
}

/** Formats a number with three significant digits. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return NOTHING
  const size = Math.abs(value)
  if (size >= 100) return Math.round(value).toLocaleString('en')
  return value.toFixed(size >= 10 ? 1 : 2)
}

export function formatNanoseconds(nanoseconds: number): string {
  if (!Number.isFinite(nanoseconds)) return NOTHING
  if (nanoseconds < 1e3) return `${formatNumber(nanoseconds)} ns`
  if (nanoseconds < 1e6) return `${formatNumber(nanoseconds / 1e3)} µs`
  if (nanoseconds < 1e9) return `${formatNumber(nanoseconds / 1e6)} ms`
  return `${formatNumber(nanoseconds / 1e9)} s`
}

export function formatBytes(bytes: number): string {
  const size = Math.abs(bytes)
  if (size < 10_000) return `${Math.round(bytes).toLocaleString('en')} B`
  return size < 1e6 ? `${formatNumber(bytes / 1e3)} kB` : `${formatNumber(bytes / 1e6)} MB`
}

export function formatRatio(ratio: number): string {
  return Number.isFinite(ratio) ? `${formatNumber(ratio)}×` : NOTHING
}
