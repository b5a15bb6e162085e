import { readdir, readFile } from 'node:fs/promises'
import { generateModule, MARK, remark } from './generate.ts'

/** A script whose loading is timed. */
export interface Subject {
  readonly name: string
  readonly bytes: number
  readonly config?: unknown
  /** Returns the script with bytes that depend on a number. */
  readonly source: (variant: number) => string | Uint8Array<ArrayBuffer>
  /** Whether it can run here, rather than only be checked. */
  readonly runs: boolean
}

const SCRIPTS = new URL('../../../scripts-wat/', import.meta.url)
/** What the scripts that take a config want of it. */
const CONFIG = { size: 10, brake: { on: true, speed: 100 } }
const SQLITE = new URL('../../../node_modules/node-sqlite3-wasm/dist/node-sqlite3-wasm.wasm', import.meta.url)
const SQLITE_MARK = 'SQLite format 3'

/** The example scripts, as text. */
export async function exampleScripts(): Promise<readonly Subject[]> {
  const files = (await readdir(SCRIPTS)).filter((file) => file.endsWith('.wat')).sort()
  const texts = await Promise.all(files.map(async (file) => ({ file, text: await readFile(new URL(file, SCRIPTS), 'utf8') })))
  return texts.map(({ file, text }) => ({
    name: file,
    bytes: text.length,
    ...(/\(export "init"\) \(param|"config\./.test(text) && { config: CONFIG }),
    source: (variant) => text.replace(/\)\s*$/, `(global i32 (i32.const ${variant})))`),
    runs: true,
  }))
}

/** Modules of several sizes, as bytes. */
export async function generatedModules(sizes: readonly number[]): Promise<readonly Subject[]> {
  return Promise.all(
    sizes.map(async (size) => {
      const module = await generateModule(size)
      return {
        name: `generated, ${Math.round(module.length / 1000)} kB`,
        bytes: module.length,
        source: (variant: number) => remark(module, MARK, variant),
        runs: true,
      }
    }),
  )
}

/** SQLite: a large compiled module. */
export async function sqlite(): Promise<Subject> {
  const module = await readFile(SQLITE)
  return {
    name: 'SQLite, checked only',
    bytes: module.length,
    source: (variant) => remark(module, SQLITE_MARK, variant),
    runs: false,
  }
}

/** Host functions for the imports of SQLite, which are never called. */
export async function sqliteHost(): Promise<Record<string, Record<string, () => number>>> {
  const host: Record<string, Record<string, () => number>> = {}
  for (const { module, name } of WebAssembly.Module.imports(await WebAssembly.compile(await readFile(SQLITE)))) {
    host[module] = { ...host[module], [name]: () => 0 }
  }
  return host
}
