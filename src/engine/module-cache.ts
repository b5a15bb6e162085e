import { hashBytes, sameBytes } from '../bytes.ts'

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
  /** By a hash of the bytes, the one asked for last at the end. */
  readonly #entries = new Map<string, Entry>()
  #bytes = 0

  /** The module of these bytes, compiled by `compile` if it is not here. One that fails to compile is not kept. */
  get(
    bytes: Uint8Array<ArrayBuffer>,
    compile: (bytes: Uint8Array<ArrayBuffer>) => Promise<WebAssembly.Module>,
  ): Promise<WebAssembly.Module> {
    const key = hashBytes(bytes).join()
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

  #keep(key: string, entry: Entry): void {
    this.#forget(key)
    this.#entries.set(key, entry)
    this.#bytes += entry.bytes.length
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= MOST_BYTES && this.#entries.size <= MOST_MODULES) return
      this.#forget(oldest)
    }
  }

  #drop(key: string, module: Promise<WebAssembly.Module>): void {
    if (this.#entries.get(key)?.module === module) this.#forget(key)
  }

  #forget(key: string): void {
    this.#bytes -= this.#entries.get(key)?.bytes.length ?? 0
    this.#entries.delete(key)
  }
}
