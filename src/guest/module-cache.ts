import { hashBytes, sameBytes, wordsOf } from '../bytes.ts'
import { checkModule } from '../engine/compile.ts'
import { ScriptError } from '../errors.ts'
import { decodeModule } from '../wasm/decode/decode.ts'
import type { DecodedModule } from '../wasm/format/module.ts'
import { BoundedCache, type CacheBounds } from './bounded-cache.ts'
import { type CodePlan, type CoreModule, compileCoreModule, rewriteCoreModule } from './core-module.ts'

const BOUNDS: CacheBounds = { entries: 128, bytes: 16 * 1024 * 1024 }

/** How often modules were in the cache. */
export interface CacheUse {
  /** Modules that were in the cache. */
  readonly hits: number
  /** Modules that were not. */
  readonly misses: number
}

/** How often the loads and reloads of one runtime used the cache. */
export interface CacheCounts {
  readonly decoded: { hits: number; misses: number }
  readonly compiled: { hits: number; misses: number }
}

/** What `runtime.cacheStats()` returns. */
export interface CacheStats {
  /** Modules that this runtime needed decoded and checked. Modules of the same bytes are one. */
  readonly decoded: CacheUse
  /** Modules that it needed rewritten and compiled. Those of the same bytes are one if their imports and limits agree. */
  readonly compiled: CacheUse
  /** Entries in the cache, which all runtimes share: at most 128 of each kind. The least recently used are dropped first. */
  readonly entries: number
  /** Bytes of these entries, as decoded and as rewritten: at most 16 MiB of each. */
  readonly bytes: number
}

export function createCacheCounts(): CacheCounts {
  return { decoded: { hits: 0, misses: 0 }, compiled: { hits: 0, misses: 0 } }
}

/**
 * The core modules of all runtimes and all kinds of guest. The steps that depend on a module and its plan alone are done once:
 * decoding, checking, rewriting, compiling. What depends on the game, such as grants and host functions, is linked in each load.
 */
export class ModuleCache {
  readonly #decoded: BoundedCache<DecodedModule>
  readonly #compiled: BoundedCache<CoreModule>
  /** A number for each decoded module, by which plans of different modules differ. */
  readonly #numbers = new WeakMap<DecodedModule, number>()
  #nextNumber = 0

  constructor(bounds: CacheBounds = BOUNDS) {
    this.#decoded = new BoundedCache(bounds)
    this.#compiled = new BoundedCache(bounds)
  }

  /** Decodes a module, which must not change later, and lets the engine validate it. Rejects with `InvalidBinary`, `TooLarge`. */
  async decode(bytes: Uint8Array<ArrayBuffer>, { decoded }: CacheCounts = createCacheCounts()): Promise<DecodedModule> {
    const key = keyOf(bytes)
    const found = this.#decoded.get(key)
    // Nothing is awaited before a new module is kept: a second load in the meantime has to find it.
    const known = found && (await found)
    if (known !== undefined && sameBytes(known.bytes, bytes)) {
      decoded.hits++
      return known
    }
    decoded.misses++
    const module = decodeAndCheck(bytes)
    this.#decoded.keep(key, module, bytes.length)
    return module
  }

  /** Rewrites a module at once, and compiles it. Throws `InvalidBinary`, `TooLarge`. */
  compile(module: DecodedModule, plan: CodePlan, { compiled }: CacheCounts): Promise<CoreModule> {
    const key = `${this.#numberOf(module)} ${JSON.stringify(plan)}`
    const known = this.#compiled.get(key)
    if (known !== undefined) {
      compiled.hits++
      return known
    }
    compiled.misses++
    const rewritten = rewriteCoreModule(module, plan)
    const core = compileCoreModule(rewritten)
    this.#compiled.keep(key, core, rewritten.rewritten.bytes.length)
    return core
  }

  stats({ decoded, compiled }: CacheCounts): CacheStats {
    return {
      decoded: { ...decoded },
      compiled: { ...compiled },
      entries: this.#decoded.size + this.#compiled.size,
      bytes: this.#decoded.bytes + this.#compiled.bytes,
    }
  }

  #numberOf(module: DecodedModule): number {
    const number = this.#numbers.get(module) ?? this.#nextNumber++
    this.#numbers.set(module, number)
    return number
  }
}

/** The cache of this process or page. */
export const moduleCache: ModuleCache = new ModuleCache()

async function decodeAndCheck(bytes: Uint8Array<ArrayBuffer>): Promise<DecodedModule> {
  const module = decodeModule(bytes)
  // The rewriter relies on a module that the engine has validated.
  try {
    await checkModule(bytes)
  } catch (cause) {
    const missing = await findMissing(module)
    if (missing === undefined) throw cause
    const detail = `this engine does not support ${missing}, which the module uses; compile it without, or use a newer engine`
    throw new ScriptError('EngineUnavailable', detail, { cause })
  }
  return module
}

/** Returns the feature for which the engine refused a module. Most pages never need this code, so it is loaded here. */
async function findMissing(module: DecodedModule): Promise<string | undefined> {
  const found = await import('./missing-feature.ts').catch(() => undefined)
  return found?.missingFeature(module)
}

/** Returns a key by which almost all modules differ. */
function keyOf(bytes: Uint8Array): string {
  const words = wordsOf(bytes)
  return `${bytes.length} ${hashBytes(words).join()} ${bytes.subarray(words.byteLength).join()}`
}
