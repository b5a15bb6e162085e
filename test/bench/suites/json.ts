import { readFile } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { createWorld } from 'bitecs'
import { WasmScriptRuntime } from 'bitscript'
import { measure, type Side, type Timing } from '../measure.ts'
import type { Suite } from '../suite.ts'
import { formatNumber, type Table } from '../table.ts'
import { assemble } from '../wat.ts'

const SIZES = [100, 1000, 10_000, 100_000] as const

interface Row extends Omit<Timing, 'name'> {
  readonly side: string
  /** Bytes of the JSON text, which is passed in and returned. */
  readonly bytes: number
  readonly callsPerSecond: number
  /** In and out. */
  readonly megabytesPerSecond: number
}

interface Echo {
  readonly name: string
  readonly echo: (value: unknown) => unknown
}

export const json: Suite = {
  name: 'json',
  about: 'JSON into a script and back: calls and bytes a second',
  async run({ scale, progress }) {
    const { createPlugin } = await import('@extism/extism')
    const runtime = await WasmScriptRuntime.create({ world: createWorld(), limits: { fuel: 2 ** 30 - 1 } })
    const bare = await runtime.loadModule(await read('echo'), { name: 'echo' })
    const withAlloc = await runtime.loadModule(await read('echo-with-alloc'), { name: 'echo-with-alloc' })
    const plugin = await createPlugin({ wasm: [{ data: await assemble(await read('echo-extism')) }] })
    const echoes: Echo[] = [
      { name: 'JSON alone', echo: (value) => JSON.parse(JSON.stringify(value)) },
      { name: 'bitscript', echo: (value) => runtime.callJson(bare, 'process', value) },
      { name: 'bitscript, with alloc', echo: (value) => runtime.callJson(withAlloc, 'process', value) },
      { name: 'Extism', echo: async (value) => (await plugin.call('process', JSON.stringify(value)))?.json() },
    ]
    const rows: Row[] = []
    for (const size of SIZES) {
      const value = createValue(size)
      const bytes = JSON.stringify(value).length
      progress(`${bytes} bytes`)
      for (const { name, echo } of echoes) {
        if (!isDeepStrictEqual(await echo(value), value)) throw new Error(`${name} does not give back ${bytes} bytes of JSON`)
      }
      for (const { name, ...timing } of await measure(
        echoes.map((each) => sideOf(each, value)),
        scale.effort,
      )) {
        const { median } = timing
        rows.push({ side: name, bytes, ...timing, callsPerSecond: 1e9 / median, megabytesPerSecond: (2 * bytes * 1e3) / median })
      }
    }
    runtime.dispose()
    await plugin.close()
    return { tables: [tableOf(rows, echoes)], data: rows }
  },
}

function read(name: string): Promise<string> {
  return readFile(new URL(`../json/${name}.wat`, import.meta.url), 'utf8')
}

/** Returns a value whose JSON has about a number of bytes. */
function createValue(bytes: number): unknown {
  const items: object[] = []
  for (let length = 12; length < bytes - 20; ) {
    const item = { id: items.length, name: `hunter ${items.length}`, x: items.length / 4 }
    items.push(item)
    length += JSON.stringify(item).length + 1
  }
  return { items }
}

function sideOf({ name, echo }: Echo, value: unknown): Side {
  if (name !== 'Extism') {
    return {
      name,
      run(times) {
        for (let left = times; left > 0; left--) echo(value)
      },
    }
  }
  return {
    name,
    async run(times) {
      for (let left = times; left > 0; left--) await echo(value)
    },
  }
}

function tableOf(rows: readonly Row[], echoes: readonly Echo[]): Table {
  const sizes = [...new Set(rows.map(({ bytes }) => bytes))]
  return {
    title: 'json: a value into a script and back',
    columns: ['', ...sizes.flatMap((bytes) => [`${bytes.toLocaleString('en')} B: calls/s`, 'MB/s'])],
    rows: echoes.map(({ name }) => [
      name,
      ...rows
        .filter(({ side }) => side === name)
        .flatMap(({ callsPerSecond, megabytesPerSecond }) => [formatNumber(callsPerSecond), formatNumber(megabytesPerSecond)]),
    ]),
    notes: ['MB/s counts the bytes in and out.'],
  }
}
