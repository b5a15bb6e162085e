import type { Limits } from '../../abi/limits.ts'
import type { SignatureType } from '../../abi/types.ts'
import { ScriptError } from '../../errors.ts'
import { type LinkedImports, linkImports } from '../../host/link/linker.ts'
import type { FixedModule, ImportedFunction, LinkContext } from '../../host/modules/import-module.ts'
import type { DecodedModule } from '../../wasm/format/module.ts'
import { type Renaming, renameModule } from '../../wasm/rewrite/rename.ts'
import type { LinkedSource } from '../../wasm/text/source-module.ts'
import { type CoreModule, rewriteLimits } from '../core-module.ts'
import { type CacheCounts, moduleCache } from '../module-cache.ts'
import { loadImports } from '../script/load-imports.ts'
import { checkStart } from './check-start.ts'
import { refuseNetwork } from './env-module.ts'
import { pluginOf } from './plugin-caller.ts'

/** A module that a plugin imports, checked, linked, rewritten and compiled. */
export interface LinkedModule {
  readonly name: string
  readonly core: CoreModule
  readonly imports: LinkedImports
  /** The module before its imports were renamed. */
  readonly original: DecodedModule
}

/** A module that a plugin imports, before it is linked. */
interface Draft {
  readonly name: string
  readonly module: DecodedModule
}

/** How the modules of a plugin are opened where it does not run on the game's thread. */
interface Elsewhere {
  /** Throws for a module that cannot run there. */
  readonly check: (module: DecodedModule) => void
  /** The names under which the modules find each other. */
  readonly renaming: Renaming
}

/** Opens the modules that a plugin imports, in an order in which each can be made. Throws the errors of a script. */
export async function openLinked(
  sources: readonly LinkedSource[],
  limits: Limits,
  context: LinkContext,
  counts: CacheCounts,
  { check = refuseNetwork, renaming }: Partial<Elsewhere> = {},
): Promise<readonly LinkedModule[]> {
  const drafts = await decodeLinked(sources, counts, check)
  const importModules = drafts.map(importModuleOf)
  return Promise.all(
    drafts.map(async ({ name, module }, index) => {
      const guestModules = [...(context.guestModules ?? []), ...importModules.filter((each) => each.module !== name)]
      const imports = linkImports(module, { ...context, ...(await loadImports(module, context)), guestModules })
      const plan = { ...rewriteLimits(limits), imports: imports.code, isLinked: true, name: `extism_linked_${index}` }
      const renamed = renaming === undefined ? module : await moduleCache.decode(renameModule(module, renaming), counts)
      return { name, imports, original: module, core: await moduleCache.compile(renamed, plan, counts) }
    }),
  )
}

/** Decodes and checks the modules that a plugin imports. Resolves with each after those that it imports. Throws the errors of a script. */
export async function decodeLinked(
  sources: readonly LinkedSource[],
  counts?: CacheCounts,
  check: Elsewhere['check'] = refuseNetwork,
): Promise<readonly Draft[]> {
  const drafts: Draft[] = []
  for (const { name, bytes } of sources) {
    const module = await moduleCache.decode(bytes, counts)
    check(module)
    checkStart(module)
    drafts.push({ name, module })
  }
  return inOrder(drafts)
}

/** Returns a module's exported functions as an import module of those that import it. They spend the plugin's fuel themselves. */
export function importModuleOf({ name, module }: Draft): FixedModule {
  const functions = module.exports.flatMap((entry) => {
    const type = entry.kind === 'func' ? module.functions[entry.index] : undefined
    if (type === undefined) return []
    const row = {
      params: type.params as readonly SignatureType[],
      results: type.results as readonly SignatureType[],
      meaning: `a function of the module '${name}'`,
      price: 0,
      implement: (_: LinkContext, caller: Parameters<typeof pluginOf>[0]) =>
        pluginOf(caller).linked.get(name)?.[entry.name] as ImportedFunction,
    }
    return [[entry.name, row] as const]
  })
  return { module: name, functions: Object.fromEntries(functions) }
}

/** Returns the modules with each after those that it imports. Throws `UnknownImport` for modules that import each other. */
function inOrder(drafts: readonly Draft[]): readonly Draft[] {
  const done = new Set<Draft>()
  const open = new Set<Draft>()
  const visit = (draft: Draft): void => {
    if (done.has(draft)) return
    if (open.has(draft)) {
      throw new ScriptError('UnknownImport', `the modules ${[...open].map(({ name }) => `'${name}'`).join(', ')} import each other`)
    }
    open.add(draft)
    for (const other of drafts) if (draft.module.imports.some(({ module }) => module === other.name)) visit(other)
    open.delete(draft)
    done.add(draft)
  }
  for (const draft of drafts) visit(draft)
  return [...done]
}
