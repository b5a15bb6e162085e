import { readFile, writeFile } from 'node:fs/promises'
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib'
import { ENGINE_IS_NEWER } from './features.ts'

/** How many modules are kept for the tests. */
export const KEPT_COUNT = 200

/**
 * The modules 0 to 199 of the generator, which is too large to install for the tests. `npm run fuzz -- --keep` writes the file for
 * the features of the current engine. Run it in Node 20 and in Node 24 after changing the generator or its options.
 */
const FILE = new URL(`./generated/${ENGINE_IS_NEWER ? 'newer' : 'baseline'}.br`, import.meta.url)

/** Returns the modules that are kept for the tests. */
export async function readKeptModules(): Promise<readonly Uint8Array<ArrayBuffer>[]> {
  const bytes = brotliDecompressSync(await readFile(FILE))
  const modules: Uint8Array<ArrayBuffer>[] = []
  for (let position = 0; position < bytes.length; ) {
    const end = position + 4 + bytes.readUInt32LE(position)
    modules.push(Uint8Array.from(bytes.subarray(position + 4, end)))
    position = end
  }
  return modules
}

export async function writeKeptModules(modules: readonly Uint8Array[]): Promise<void> {
  const parts = modules.flatMap((module) => {
    const length = Buffer.alloc(4)
    length.writeUInt32LE(module.length)
    return [length, module]
  })
  await writeFile(FILE, brotliCompressSync(Buffer.concat(parts)))
}
