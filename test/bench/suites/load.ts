import { createRelation, createWorld } from 'bitecs'
import { type LoadOptions, WasmScriptRuntime } from 'bitscript'
import { createComponents } from '../../../demo/sim/components.ts'
import { measureProcessStart, type ProcessStart } from '../load/process.ts'
import { exampleScripts, generatedModules, type Subject, sqlite, sqliteHost } from '../load/subjects.ts'
import { median } from '../measure.ts'
import type { Suite } from '../suite.ts'
import { formatBytes, formatNumber, NOTHING, type Table } from '../table.ts'

const SIZES = [10_000, 100_000, 700_000]
const LIMITS = { memoryPages: 1024, tableElements: 100_000 }

/** Milliseconds. */
interface Row {
  readonly script: string
  readonly bytes: number
  /** `WebAssembly.compile` of the unchanged bytes. */
  readonly compileAlone: number
  /** The first load. */
  readonly first: number
  /** Later loads of bytes that were not loaded before. */
  readonly unseen: number
  /** Loads of bytes that were just loaded. */
  readonly again: number
  readonly reload?: { readonly compile: number; readonly link: number; readonly state: number; readonly total: number }
}

export const load: Suite = {
  name: 'load',
  about: 'loading and reloading scripts of several sizes, and what a process does first',
  async run({ scale, progress }) {
    progress('processes')
    const start = await measureProcessStart(scale.quick ? 3 : 9)
    const world = createWorld()
    const host = { ...(await sqliteHost()), audio: { play: () => undefined } }
    const relations = { Follows: createRelation() }
    const runtime = await WasmScriptRuntime.create({ world, components: createComponents(), relations, host, http: true, limits: LIMITS })
    const rows: Row[] = []
    for (const subject of [...(await exampleScripts()), ...(await generatedModules(SIZES)), await sqlite()]) {
      progress(subject.name)
      rows.push(await measureSubject(runtime, subject, scale.quick ? 3 : 20))
    }
    runtime.dispose()
    return { tables: [tableOfStart(start), tableOfRows(rows)], data: { start, scripts: rows } }
  },
}

async function measureSubject(runtime: WasmScriptRuntime, { name, bytes, config, source, runs }: Subject, rounds: number): Promise<Row> {
  const options: LoadOptions = { name, ...(config !== undefined && { config }) }
  const loadOnce = async (variant: number): Promise<number> => {
    const script = source(variant)
    const start = performance.now()
    if (!runs) {
      await runtime.checkModule(script, options)
      return performance.now() - start
    }
    const id = await runtime.loadModule(script, options)
    const elapsed = performance.now() - start
    runtime.unloadModule(id)
    return elapsed
  }
  const first = await loadOnce(1)
  const unseen: number[] = []
  const again: number[] = []
  for (let round = 1; round <= rounds; round++) {
    unseen.push(await loadOnce(1 + round))
    again.push(await loadOnce(1 + round))
  }
  const compileAlone = await compileTimes(source, rounds)
  const row = { script: name, bytes, compileAlone, first, unseen: median(unseen), again: median(again) }
  return runs ? { ...row, reload: await measureReloads(runtime, source, options, rounds) } : row
}

async function compileTimes(source: Subject['source'], rounds: number): Promise<number> {
  const times: number[] = []
  for (let round = 1; round <= rounds; round++) {
    const script = source(1000 + round)
    if (typeof script === 'string') return Number.NaN
    const start = performance.now()
    await WebAssembly.compile(script)
    times.push(performance.now() - start)
  }
  return median(times)
}

async function measureReloads(
  runtime: WasmScriptRuntime,
  source: Subject['source'],
  options: LoadOptions,
  rounds: number,
): Promise<NonNullable<Row['reload']>> {
  const id = await runtime.loadModule(source(2000), options)
  const times: NonNullable<Row['reload']>[] = []
  for (let round = 1; round <= rounds; round++) times.push((await runtime.reloadModule(id, source(2000 + round))).ms)
  runtime.unloadModule(id)
  const part = (name: 'compile' | 'link' | 'state' | 'total'): number => median(times.map((each) => each[name]))
  return { compile: part('compile'), link: part('link'), state: part('state'), total: part('total') }
}

function tableOfStart(start: ProcessStart): Table {
  return {
    title: 'load: the first of a process, in milliseconds',
    columns: ['', 'ms'],
    rows: [
      ['import bitscript and bitecs', formatNumber(start.import)],
      ['WasmScriptRuntime.create', formatNumber(start.create)],
      ['the first script, as text', formatNumber(start.firstScript)],
      ['the second', formatNumber(start.secondScript)],
    ],
  }
}

function tableOfRows(rows: readonly Row[]): Table {
  return {
    title: 'load: milliseconds by script',
    columns: ['', 'size', 'compile alone', 'first', 'unseen', 'again', 'reload', 'compile', 'link', 'state'],
    rows: rows.map(({ script, bytes, compileAlone, first, unseen, again, reload }) => [
      script,
      formatBytes(bytes),
      ...[compileAlone, first, unseen, again].map(formatNumber),
      ...(reload === undefined
        ? [NOTHING, NOTHING, NOTHING, NOTHING]
        : [reload.total, reload.compile, reload.link, reload.state].map(formatNumber)),
    ]),
    notes: [
      'compile alone: WebAssembly.compile of the bytes as they are. first: the first load. unseen: bytes never loaded before.',
      'again: bytes loaded just before, which the engine may still have compiled. reload: of unseen bytes, and its parts.',
    ],
  }
}
