import type { CompiledModule, Engine } from '../engine/engine.ts'
import { ScriptError } from '../errors.ts'
import { type ArenaPlan, planArena } from '../wasm/arena.ts'
import { decodeModule } from '../wasm/decode.ts'
import type { DecodedModule } from '../wasm/types.ts'
import { checkExports } from './contract.ts'
import { type BindImports, type LinkContext, linkImports } from './link.ts'
import type { ResolvedLoadOptions } from './options.ts'
import type { SourceModule } from './source.ts'

/** One version of a script's code: checked, linked and compiled, short of an instance. */
export interface Generation {
  readonly source: SourceModule
  readonly module: DecodedModule
  readonly compiled: CompiledModule
  readonly bindImports: BindImports
  /** Where the host arena lies in its memory from the start. */
  readonly arena: ArenaPlan['arena']
  /** Milliseconds spent. */
  readonly ms: { readonly compile: number; readonly link: number }
}

/**
 * Checks, links and compiles a module. Nothing of it runs yet.
 *
 * Throws `InvalidBinary`, `TooLarge`, `MissingExport`, `SignatureMismatch`, `UnknownImport`, `GrantDenied`,
 * `ImportTypeMismatch`.
 */
export async function prepareGeneration(
  source: SourceModule,
  options: ResolvedLoadOptions,
  context: LinkContext,
  engine: Engine,
  clock: () => number,
): Promise<Generation> {
  const start = clock()
  const module = decodeModule(source.bytes)
  const plan = planArena(module, options.limits.jsonBytes)
  const decoded = clock()
  // The engine goes first: what it finds invalid needs no further word.
  const compiled = await engine.compile(plan.bytes)
  const compiledAt = clock()
  checkSizes(module, options)
  checkExports(module, options.requires)
  const bindImports = linkImports(module, context)
  const ms = { compile: compiledAt - decoded, link: decoded - start + clock() - compiledAt }
  return { source, module, compiled, bindImports, arena: plan.arena, ms }
}

/** What a module asks for before it runs. */
function checkSizes(module: DecodedModule, { limits }: ResolvedLoadOptions): void {
  for (const memory of module.memories) {
    // A script that waits on shared memory would stop the game, and no fuel could end it.
    if (memory.shared) throw new ScriptError('InvalidBinary', 'its memory is shared, which scripts cannot have; declare it without shared')
    if (memory.minimum > limits.memoryPages) {
      throw new ScriptError(
        'TooLarge',
        `its memory begins with ${memory.minimum} pages, the limit is ${limits.memoryPages} (limits.memoryPages)`,
      )
    }
  }
  for (const table of module.tables) {
    if (table.limits.minimum > limits.tableElements) {
      throw new ScriptError(
        'TooLarge',
        `its table begins with ${table.limits.minimum} elements, the limit is ${limits.tableElements} (limits.tableElements)`,
      )
    }
  }
}
