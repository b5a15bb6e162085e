import { type Callee, createCallees, TEXT, VALUE } from '../guests/calls.ts'
import { type LargeLoad, measureLargeLoad } from '../guests/large.ts'
import { createMovers } from '../guests/movers.ts'
import { type Effort, measure, type Side, type Timing } from '../measure.ts'
import type { Suite } from '../suite.ts'
import { formatBytes, formatNanoseconds, formatNumber, formatRatio, type Table } from '../table.ts'

const ENTITIES = 10_000

export const guests: Suite = {
  name: 'guests',
  about: 'calls, updates and loads of each kind of guest, beside the SDK of Extism and jco',
  async run({ scale, progress }) {
    // First, while the code that loads is cold, as in a game.
    progress('load')
    const load = await measureLargeLoad(scale.quick ? 5 : 20)
    const { callees, notes, close } = await createCallees()
    progress('no-op call')
    const nothing = await measureCalls(callees, (callee) => callee.nothing(), scale.effort)
    progress('text echo')
    const text = await measureCalls(callees, (callee) => callee.echoText(TEXT), scale.effort)
    progress('JSON echo')
    const echo = await measureCalls(callees, (callee) => callee.echo(VALUE), scale.effort)
    await close()
    progress('update')
    const movers = await createMovers(ENTITIES)
    const updates = await measure(movers, scale.effort)
    for (const mover of movers) mover.close()
    return {
      tables: [tableOfCalls(nothing, text, echo, notes), tableOfUpdates(updates), tableOfLoad(load)],
      data: { nothing, text, echo, updates, load },
    }
  },
}

function measureCalls(callees: readonly Callee[], call: (callee: Callee) => unknown, effort: Effort): Promise<readonly Timing[]> {
  return measure(
    callees.map((callee) => sideOf(callee, call)),
    effort,
  )
}

function sideOf(callee: Callee, call: (callee: Callee) => unknown): Side {
  const { name, isAsynchronous } = callee
  if (!isAsynchronous) {
    return {
      name,
      run(times) {
        for (let left = times; left > 0; left--) call(callee)
      },
    }
  }
  return {
    name,
    async run(times) {
      for (let left = times; left > 0; left--) await call(callee)
    },
  }
}

function tableOfCalls(nothing: readonly Timing[], text: readonly Timing[], echo: readonly Timing[], notes: readonly string[]): Table {
  const { length } = TEXT.bytes
  const cell = (timings: readonly Timing[], index: number): string => formatNanoseconds(timings[index]?.median ?? Number.NaN)
  return {
    title: 'guests: a call',
    columns: ['', 'no-op', `${length} bytes and back`, 'the same, from and to JSON'],
    rows: echo.map(({ name }, index) => [name, cell(nothing, index), cell(text, index), cell(echo, index)]),
    notes,
  }
}

function tableOfUpdates(updates: readonly Timing[]): Table {
  const plain = updates[0]?.median ?? Number.NaN
  return {
    title: `guests: update of ${ENTITIES.toLocaleString('en')} entities`,
    columns: ['', 'an entity', 'beside plain JavaScript'],
    rows: updates.map(({ name, median }) => [name, formatNanoseconds(median / ENTITIES), formatRatio(median / plain)]),
  }
}

function tableOfLoad({ bytes, compileAlone, first, unseen, again }: LargeLoad): Table {
  const row = (name: string, ms: number): string[] => [name, formatNumber(ms), formatRatio(ms / compileAlone)]
  return {
    title: `guests: checking a plugin of ${formatBytes(bytes)}, in milliseconds`,
    columns: ['', 'ms', 'beside compiling alone'],
    rows: [
      row('WebAssembly.compile alone', compileAlone),
      row('the first in a process', first),
      row('later, bytes never seen', unseen),
      row('the same bytes again', again),
    ],
  }
}
