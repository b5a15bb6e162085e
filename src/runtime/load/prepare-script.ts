import * as v from 'valibot'
import { DEFAULT_LIMITS, type Limits, limitsSchema, resolveLimits } from '../../abi/limits.ts'
import { moduleCache } from '../../guest/module-cache.ts'
import { checkOptions, nonEmptyString } from '../../options.ts'
import { inSource } from '../script/faults.ts'
import { describeSource } from './describe-module.ts'
import type { PreparedScript, ScriptSource } from './script-source.ts'
import { followOf, mayBeMod, openMod, readSource, sourceName, sourceUrl } from './source.ts'

/** Options of `prepare`. */
export interface PrepareOptions {
  /** The default name of the scripts that are loaded from it. @default the file name without its extension */
  readonly name?: string
  /** Limits of reading: `moduleBytes` and `loadMs`. @default DEFAULT_LIMITS */
  readonly limits?: Partial<Limits>
}

const prepareOptions = v.strictObject({ name: v.optional(nonEmptyString), limits: v.optional(limitsSchema) }, 'an object of options')

/**
 * Reads, assembles, decodes and checks a script once. `loadModule` and `reloadModule` of any runtime take the result as a source. The first
 * load also rewrites and compiles the module; loads in runtimes with the same components, defined in the same way, share that for as long as
 * the result is kept, and only link.
 *
 * @throws {ScriptError} InvalidOptions, and the errors of `describeModule`
 * @example
 * const mover = await prepare(new URL('./mover.wat', import.meta.url))
 * for (const room of rooms) await room.runtime.loadModule(mover)
 */
export async function prepare(source: ScriptSource, options: PrepareOptions = {}): Promise<PreparedScript> {
  checkOptions(prepareOptions, options, 'prepare')
  let name = options.name ?? sourceName(source)
  const limits = resolveLimits(DEFAULT_LIMITS, options.limits ?? {})
  try {
    const mod = mayBeMod(source) ? await openMod(source, limits) : undefined
    name ??= mod?.manifest.name
    const read = await readSource(mod ?? source, name ?? 'script', limits)
    const module = await describeSource(read)
    for (const bytes of [read.bytes, ...(read.manifest?.linked ?? []).map((linked) => linked.bytes)]) await moduleCache.hold(bytes)
    const follow = followOf(source)
    const url = sourceUrl(mod ?? source)?.href ?? ''
    return Object.freeze({ name, url, module, read, ...(mod && { mod: mod.manifest }), ...(follow && { follow }) })
  } catch (error) {
    throw inSource(name ?? 'script', error)
  }
}
