import { hashBytes, sameBytes } from '../bytes.ts'

/** Bytes of all modules in the cache. */
const MAX_BYTES = 8 * 1024 * 1024
const MAX_MODULES = 64

interface Entry {
  readonly bytes: Uint8Array
  readonly module: Promise<WebAssembly.Module>
}

/**
 * Compiled modules by their bytes, so that a script that is loaded twice or edited back is compiled once. The least recently
 * used are dropped first.
 */
export class ModuleCache {
  /** By a hash of the bytes. The most recently used is last. */
  readonly #entries = new Map<string, Entry>()
  #bytes = 0

  /** Returns the module of these bytes, compiled by `compile` if it is not in the cache. Failures are not cached. */
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
      if (this.#bytes <= MAX_BYTES && this.#entries.size <= MAX_MODULES) return
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
