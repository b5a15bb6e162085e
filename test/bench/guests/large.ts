import { readFile } from 'node:fs/promises'
import { createWorld } from 'bitecs'
import { WasmScriptRuntime } from 'bitscript'
import { median } from '../measure.ts'

/** SQLite, a large compiled module. */
const SQLITE = new URL('../../../node_modules/node-sqlite3-wasm/dist/node-sqlite3-wasm.wasm', import.meta.url)

/** Milliseconds of loading a plugin of about 1 MB. */
export interface LargeLoad {
  readonly bytes: number
  /** `WebAssembly.compile` of unseen bytes, as they are. */
  readonly compileAlone: number
  /** The first in the process. */
  readonly first: number
  /** Bytes that were not loaded before. */
  readonly unseen: number
  /** Bytes that were just loaded. */
  readonly again: number
}

/** Measures checking a large module as a plugin of Extism: all of loading but the making of an instance. */
export async function measureLargeLoad(rounds: number): Promise<LargeLoad> {
  const module = new Uint8Array(await readFile(SQLITE))
  const host: Record<string, Record<string, () => number>> = {}
  for (const { module: from, name } of WebAssembly.Module.imports(await WebAssembly.compile(module))) {
    host[from] = { ...host[from], [name]: () => 0 }
  }
  const limits = { memoryPages: 1024, tableElements: 100_000 }
  const runtime = await WasmScriptRuntime.create({ world: createWorld(), host, limits })
  const check = (bytes: Uint8Array): Promise<number> => timed(() => runtime.checkModule(bytes, { guest: 'extism' }))
  const first = await check(variantOf(module, 0))
  const [alone, unseen, again]: number[][] = [[], [], []]
  for (let round = 1; round <= rounds; round++) {
    const bytes = variantOf(module, round)
    alone?.push(await timed(() => WebAssembly.compile(variantOf(module, 1000 + round))))
    unseen?.push(await check(bytes))
    again?.push(await check(bytes))
  }
  runtime.dispose()
  const [compileAlone, later, known] = [alone, unseen, again].map((times) => median(times ?? []))
  return { bytes: module.length, first, compileAlone: compileAlone ?? NaN, unseen: later ?? NaN, again: known ?? NaN }
}

/** Returns the module with a custom section, so that the engine has not seen it. */
function variantOf(module: Uint8Array, number: number): Uint8Array<ArrayBuffer> {
  const section = [0, 4, 1, 0x62, number & 127, number >> 7]
  const copy = new Uint8Array(module.length + section.length)
  copy.set(module)
  copy.set(section, module.length)
  return copy
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}
