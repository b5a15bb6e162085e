import { measureAsking } from '../debug/asking.ts'
import { measureKeeping } from '../debug/keeping.ts'
import { measureTracing } from '../debug/tracing.ts'
import type { Suite } from '../suite.ts'
import { formatBytes, formatNanoseconds, formatNumber, formatRatio, NOTHING, type Table } from '../table.ts'

const ms = (value: number): string => formatNanoseconds(value * 1e6)

export const debug: Suite = {
  name: 'debug',
  about: 'what the debugger costs: keeping a past, heat, traces of a tick, and who wrote a field',
  async run(context) {
    const keeping = await measureKeeping(context)
    const tracing = await measureTracing(context)
    const asking = await measureAsking(context)
    const tables: Table[] = [
      {
        title: 'debug: a tick of the demo of 5,000 entities, without and with',
        columns: ['', 'without', 'with', 'ratio', 'longest of 100', 'takes'],
        rows: keeping.map((row) => [
          ...[row.name, ms(row.without), ms(row.with), formatRatio(row.with / row.without), ms(row.longest)],
          row.bytes === undefined ? NOTHING : formatBytes(row.bytes),
        ]),
        notes: ['processor time, medians of blocks of 60 ticks; both sides take turns. Each block has a tick that keeps the whole game.'],
      },
      {
        title: `debug: a tick of 100,000 entities that runs again: ${ms(tracing.plain)} plain`,
        columns: ['', 'tick', 'all of trace()', 'records', 'bytes', 'a record', 'records a second', 'bytes a second'],
        rows: tracing.rows.map(({ name, tick, trace, records, bytes }) => [
          ...[name, ms(tick), ms(trace), records.toLocaleString('en'), formatBytes(bytes)],
          ...[formatNanoseconds((tick * 1e6) / records), `${formatNumber(records / tick / 1e3)} M`, formatBytes((bytes * 1e3) / tick)],
        ]),
      },
      {
        title: 'debug: who wrote a field, after 600 ticks',
        columns: ['', 'first', 'again'],
        rows: asking.map(({ name, first, again }) => [name, ms(first), ms(again)]),
      },
    ]
    return { tables, data: { keeping, tracing, asking } }
  },
}
