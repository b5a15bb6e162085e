import { hashWords, sameBytes } from '../bytes.ts'
import { checkModule, isSmall } from '../engine/compile.ts'
import { ScriptError } from '../errors.ts'
import { decodeModule } from '../wasm/decode/decode.ts'
import type { DecodedModule } from '../wasm/format/module.ts'
import { BoundedCache, type CacheBounds } from './bounded-cache.ts'
import { type CodePlan, type CoreModule, compileCoreModule, type RewrittenCode, rewriteCoreModule, type VectorCode } from './core-module.ts'

const BOUNDS: CacheBounds = { entries: 128, bytes: 16 * 1024 * 1024 }
/** What is kept of the code of one module that is held. */
const HELD: CacheBounds = { entries: 16, bytes: BOUNDS.bytes }

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
  /** The modules that are held, by their bytes, and the code that was compiled of them. */
  readonly #held = new WeakMap<Uint8Array, DecodedModule>()
  readonly #heldCode = new WeakMap<DecodedModule, BoundedCache<CoreModule>>()
  /** The validation of each decoded module that is or was validated. */
  readonly #checks = new WeakMap<DecodedModule, Promise<void>>()
  /** A number for each decoded module, by which plans of different modules differ. */
  readonly #numbers = new WeakMap<DecodedModule, number>()
  #nextNumber = 0

  constructor(bounds: CacheBounds = BOUNDS) {
    this.#decoded = new BoundedCache(bounds)
    this.#compiled = new BoundedCache(bounds)
  }

  /** Decodes a module, which must not change later, and lets the engine validate it. Rejects with `InvalidBinary`, `TooLarge`. */
  async decode(bytes: Uint8Array<ArrayBuffer>, counts?: CacheCounts): Promise<DecodedModule> {
    const module = await this.decodeToCompile(bytes, counts)
    await this.#check(module)
    return module
  }

  /** Decodes a module, and keeps it and what is compiled of it for as long as the array of its bytes is kept. Rejects with the errors of {@link decode}. */
  async hold(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const module = await this.decode(bytes)
    this.#held.set(bytes, module)
    if (!this.#heldCode.has(module)) this.#heldCode.set(module, new BoundedCache(HELD))
  }

  /**
   * Decodes a module that is compiled next, and must not change later. A large one is not validated yet: `compile` does it while the
   * engine compiles. Rejects with the errors of {@link decode}.
   */
  async decodeToCompile(bytes: Uint8Array<ArrayBuffer>, { decoded }: CacheCounts = createCacheCounts()): Promise<DecodedModule> {
    const held = this.#held.get(bytes)
    if (held !== undefined) {
      decoded.hits++
      return held
    }
    const key = keyOf(bytes)
    const found = this.#decoded.get(key)
    // Nothing is awaited before a new module is kept: a second load in the meantime has to find it.
    const known = found && (await found)
    if (known !== undefined && sameBytes(known.bytes, bytes)) {
      decoded.hits++
      return known
    }
    decoded.misses++
    const module = this.#decode(bytes)
    this.#decoded.keep(key, module, bytes.length)
    return module
  }

  async #decode(bytes: Uint8Array<ArrayBuffer>): Promise<DecodedModule> {
    const module = decodeModule(bytes)
    if (isSmall(bytes)) await this.#check(module)
    return module
  }

  /** Lets the engine validate a module, once. Rejects with `InvalidBinary`, `EngineUnavailable`. */
  #check(module: DecodedModule): Promise<void> {
    const check = this.#checks.get(module) ?? checkDecoded(module)
    this.#checks.set(module, check)
    return check
  }

  /** Rewrites a module at once, compiles it, and lets the engine validate it if it did not yet. Rejects with `InvalidBinary`, `TooLarge`. */
  compile(module: DecodedModule, plan: CodePlan, { compiled }: CacheCounts, vectors?: VectorCode): Promise<CoreModule> {
    const key = `${this.#numberOf(module)} ${JSON.stringify(plan)}`
    const cache = this.#heldCode.get(module) ?? this.#compiled
    const known = cache.get(key)
    if (known !== undefined) {
      compiled.hits++
      return known
    }
    compiled.misses++
    let code: RewrittenCode
    try {
      code = rewriteCoreModule(module, plan, vectors)
    } catch (error) {
      // Rewriting what is invalid may fail in any way.
      return this.#check(module).then(() => Promise.reject(error))
    }
    const core = this.#compile(code)
    cache.keep(key, core, code.rewritten.bytes.length)
    return core
  }

  async #compile(code: RewrittenCode): Promise<CoreModule> {
    const compiling = compileCoreModule(code)
    compiling.catch(() => undefined)
    // The engine compiles a large module on other threads, and validates the original on this one in the meantime.
    await this.#check(code.module)
    return compiling
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

/** Lets the engine validate a module, on which all that is made of it relies: no instruction of a valid module names what rewriting adds. */
async function checkDecoded(module: DecodedModule): Promise<void> {
  try {
    await checkModule(module.bytes)
  } catch (cause) {
    const missing = await findMissing(module)
    if (missing === undefined) throw cause
    const detail = `this engine does not support ${missing}, which the module uses; compile it without, or use a newer engine`
    throw new ScriptError('EngineUnavailable', detail, { cause })
  }
}

/** Returns the feature for which the engine refused a module. Most pages never need this code, so it is loaded here. */
async function findMissing(module: DecodedModule): Promise<string | undefined> {
  const found = await import('./missing-feature.ts').catch(() => undefined)
  return found?.missingFeature(module)
}

/** Returns a key by which almost all modules differ. */
function keyOf(bytes: Uint8Array): string {
  return `${bytes.length} ${hashWords(bytes)}`
}
