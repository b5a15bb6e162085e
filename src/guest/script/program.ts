import type { Column } from '../../ecs/components/components.ts'
import type { ScriptQueries } from '../../ecs/queries/script-queries.ts'
import type { CompiledModule, Engine } from '../../engine/engine.ts'
import { type LinkContext, type LinkedImports, linkImports } from '../../host/linker.ts'
import type { ResolvedLoadOptions } from '../../runtime/api/options.ts'
import type { SourceModule } from '../../runtime/load/source.ts'
import { decodeModule } from '../../wasm/decode/decode.ts'
import type { DecodedModule } from '../../wasm/format/module.ts'
import { type RewrittenModule, rewriteModule } from '../../wasm/rewrite/rewrite.ts'
import { checkExports } from './exports.ts'
import { ScriptTracer } from './tracer.ts'

/** One version of a script's code: checked, linked and compiled, short of an instance. */
export interface Generation {
  /** The text may come to be another that says the same. */
  source: SourceModule
  readonly module: DecodedModule
  readonly compiled: CompiledModule
  readonly imports: LinkedImports
  readonly rewritten: RewrittenModule
  /** Tells where in it an error happened. */
  readonly tracer: ScriptTracer
  /** The ECS memory, if there is one. */
  readonly memory: WebAssembly.Memory | undefined
  readonly queries: ScriptQueries
  /** Milliseconds spent. */
  readonly ms: { readonly compile: number; readonly link: number }
}

/**
 * Checks, links, rewrites and compiles a module. Nothing of it runs yet.
 *
 * Throws `InvalidBinary`, `TooLarge`, `MissingExport`, `SignatureMismatch`, `UnknownImport`, `GrantDenied`,
 * `ImportTypeMismatch`.
 */
export async function prepareGeneration(
  source: SourceModule,
  options: ResolvedLoadOptions,
  context: Omit<LinkContext, 'math'>,
  engine: Engine,
  clock: () => number,
): Promise<Generation> {
  const start = clock()
  const module = decodeModule(source.bytes)
  // The engine goes first: rewriting is for modules that are valid, and what is not needs no further word.
  await engine.check(source.bytes)
  checkExports(module, options.requires, source)
  const imports = linkImports(module, { ...context, math: await mathFor(module) }, source)
  const { ecs, queries } = context
  const { accessors } = imports
  const inlined = inlines(options) && { manyMemories: engine.manyMemories, accessors, batch: ecs.batch?.address }
  const rewriteOptions = { ...options.limits, ...inlined }
  const rewritten = rewriteModule(module, rewriteOptions)
  const linked = clock()
  const compiled = await engine.compile(rewritten.bytes)
  const ms = { link: linked - start, compile: clock() - linked }
  const tracer = new ScriptTracer(source, module, rewriteOptions)
  return { source, module, compiled, imports, rewritten, tracer, memory: ecs.components.reserve?.memory, queries, ms }
}

/** The functions of `math`, which are a seventh of the whole package: loaded for the first module that imports one. */
async function mathFor({ imports }: DecodedModule): Promise<LinkContext['math']> {
  return imports.some(({ module }) => module === 'math') ? (await import('../../host/math.ts')).MATH : {}
}

/** Whether a script reaches columns without the host's help: not where each entity has an instance, made at any time. */
export function inlines({ link, instances }: ResolvedLoadOptions): boolean {
  return link === 'inline' && instances === 'shared'
}

/** The columns that a generation writes in place, and not by a function that could record it. */
export function writtenInPlace({ imports, rewritten }: Generation): readonly Column[] {
  return rewritten.usesEcsMemory ? imports.written : []
}
