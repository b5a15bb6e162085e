import { sameBytes } from '../bytes.ts'

/** Bytes of modules, and modules, that the cache keeps. */
const MOST_BYTES = 8 * 1024 * 1024
const MOST_MODULES = 64

interface Entry {
  readonly bytes: Uint8Array
  readonly module: Promise<WebAssembly.Module>
}

/**
 * Modules that were compiled lately, by their bytes: a script that is loaded twice, or edited back to what it was, is
 * compiled once. What was not asked for the longest goes first.
 */
export class ModuleCache {
  /** By a fingerprint of the bytes, the one asked for last at the end. */
  readonly #entries = new Map<number, Entry>()
  #bytes = 0

  /** The module of these bytes, compiled by `compile` if it is not here. One that fails to compile is not kept. */
  get(
    bytes: Uint8Array<ArrayBuffer>,
    compile: (bytes: Uint8Array<ArrayBuffer>) => Promise<WebAssembly.Module>,
  ): Promise<WebAssembly.Module> {
    const key = fingerprint(bytes)
    const known = this.#entries.get(key)
    if (known !== undefined && sameBytes(known.bytes, bytes)) {
      this.#entries.delete(key)
      this.#entries.set(key, known)
      return known.module
    }
    const module = compile(bytes)
    this.#keep(key, { bytes, module })
    module.catch(() => this.#drop(key, module))
    return module
  }

  #keep(key: number, entry: Entry): void {
    this.#forget(key)
    this.#entries.set(key, entry)
    this.#bytes += entry.bytes.length
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= MOST_BYTES && this.#entries.size <= MOST_MODULES) return
      this.#forget(oldest)
    }
  }

  #drop(key: number, module: Promise<WebAssembly.Module>): void {
    if (this.#entries.get(key)?.module === module) this.#forget(key)
  }

  #forget(key: number): void {
    this.#bytes -= this.#entries.get(key)?.bytes.length ?? 0
    this.#entries.delete(key)
  }
}

/** FNV-1a of 32 bits. What it takes for the same is compared byte by byte. */
function fingerprint(bytes: Uint8Array): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < bytes.length; index++) hash = Math.imul(hash ^ (bytes[index] as number), 0x01000193)
  return hash
}
