import { EXPORT } from '../../abi/exports.ts'
import type { Limits } from '../../abi/limits.ts'
import { ScriptError } from '../../errors.ts'
import type { FixedImport, ImportModule, LinkContext } from '../../host/modules/import-module.ts'
import { suggest } from '../../nearest-name.ts'
import type { DecodedModule } from '../../wasm/format/module.ts'
import { renameModule } from '../../wasm/rewrite/rename.ts'
import type { SourceModule } from '../../wasm/text/source-module.ts'
import type { VectorCode } from '../core-module.ts'
import type { Guest, OpenOptions, Program } from '../guest.ts'
import { type CacheCounts, moduleCache } from '../module-cache.ts'
import { compileLinked, type LinkedCode, linkModule, loadWindows } from '../script/link-module.ts'
import { loadImports, NOTHING_LATER } from '../script/load-imports.ts'
import { loadVectors } from '../script/load-vectors.ts'
import { bindingOf } from './bindings.ts'
import { CORE_PREFIX } from './caller.ts'
import { checkCoreModules } from './check-core.ts'
import { ComponentProgram, type OpenedInstance } from './component-program.ts'
import { coreFunctions, instanceModule } from './core-links.ts'
import { type ComponentRoles, type OpenedPlan, openPlan } from './describe-component.ts'
import { hostCall, isPlain, VALUES_MODULE } from './host-calls.ts'
import {
  type CanonicalOptions,
  type ComponentPlan,
  type CoreExport,
  exportName,
  type PlannedImport,
  type PlannedInstance,
  refuseFeature,
} from './plan.ts'
import { isTextRole } from './roles.ts'
import { snakeCase } from './wit-names.ts'

/** The beginning of the names of a component's core modules in stack traces, by which each is told from the others. */
const LINKED_AS = 'component'

/** What the instances of a component are opened with. */
interface Opening extends OpenedPlan {
  readonly source: SourceModule
  readonly decoded: readonly DecodedModule[]
  readonly options: OpenOptions
}

/** Checks, links, rewrites and compiles a prepared component. Throws the errors of a script. */
export async function openComponent(guest: Guest, source: SourceModule, options: OpenOptions): Promise<Program> {
  const { requires, context, limits, clock, cacheCounts } = options
  const start = clock()
  const opened = openPlan(source)
  const { plan, roles } = opened
  checkRequired(plan, requires)
  checkBytes(opened, limits)
  const decoded = await Promise.all(opened.modules.map((each) => moduleCache.decode(each, cacheCounts)))
  checkCoreModules(plan, opened.layouts, decoded)
  const opening: Opening = { ...opened, source, options, decoded }
  const aliases = aliasesOf(plan, roles)
  const linked: LinkedInstance[] = []
  try {
    for (const index of plan.instances.keys()) linked.push(await linkInstance(opening, index, aliases))
  } catch (error) {
    giveBack(linked)
    throw error
  }
  const done = clock()
  const instances = await Promise.all(linked.map((each) => compileInstance(each, cacheCounts))).catch((error) => {
    giveBack(linked)
    throw error
  })
  const ms = { link: done - start, compile: clock() - done }
  const hostMemory = context.ecs.components.reserve?.memory
  return new ComponentProgram({ guest, source, opened, decoded, instances, main: mainOf(plan, roles), limits, hostMemory, ms })
}

function checkRequired({ exports }: ComponentPlan, requires: readonly string[]): void {
  const names = exports.map(exportName)
  for (const name of requires) {
    if (!names.some((each) => each === name || snakeCase(each) === name))
      throw new ScriptError('MissingExport', `it must export '${name}'${suggest(name, names)}`)
  }
}

/** Each instance has code of its own, also where several are of the same module. Throws `TooLarge`. */
function checkBytes({ plan, modules }: OpenedPlan, { moduleBytes }: Limits): void {
  const bytes = plan.instances.reduce((sum, { module }) => sum + (modules[module] as Uint8Array).length, 0)
  if (bytes > moduleBytes)
    throw new ScriptError('TooLarge', `the core instances have ${bytes} bytes of code, the limit is ${moduleBytes} (limits.moduleBytes)`)
}

/** The additional names under which core instances export an item: by instance, then by its own name. */
type Aliases = readonly ReadonlyMap<string, readonly string[]>[]

function aliasesOf(plan: ComponentPlan, roles: ComponentRoles): Aliases {
  const aliases = plan.instances.map(() => new Map<string, string[]>())
  const add = ([instance, name]: CoreExport, alias: string): void => {
    const own = aliases[instance]
    const known = own?.get(name)
    if (known === undefined) own?.set(name, [alias])
    else if (!known.includes(alias)) known.push(alias)
  }
  for (const exported of plan.exports) {
    const role = roles.get(exported)
    if (role !== undefined && !isTextRole(role, exported.type)) add(exported.core, role)
  }
  // The memory of an instance is exported as that of a script.
  const memories = new Map<number, CoreExport>()
  const lowered = plan.instances.flatMap(({ imports }) => imports.flatMap(([, , each]) => ('lower' in each ? [each.options] : [])))
  for (const { memory } of [...plan.exports.map(({ options }) => options), ...lowered]) {
    if (memory !== undefined && !memories.has(memory[0])) memories.set(memory[0], memory)
  }
  for (const memory of memories.values()) add(memory, EXPORT.memory)
  return aliases
}

/** Returns the index of the instance whose `update` runs for each entity, or whose functions the game calls first. */
function mainOf(plan: ComponentPlan, roles: ComponentRoles): number {
  const first = plan.exports.find((exported) => roles.get(exported) === EXPORT.update) ?? plan.exports[0]
  return first?.core[0] ?? 0
}

/** A core instance before its code is compiled. */
interface LinkedInstance extends LinkedCode {
  /** The module with the names of a script's imports. */
  readonly module: DecodedModule
  readonly original: DecodedModule
  readonly vectors: VectorCode | undefined
}

async function compileInstance({ module, vectors, ...linked }: LinkedInstance, counts: CacheCounts): Promise<OpenedInstance> {
  return { ...linked, core: await compileLinked(module, linked, counts, vectors) }
}

function giveBack(instances: readonly LinkedInstance[]): void {
  for (const { window } of instances) window?.dispose()
}

async function linkInstance(opening: Opening, index: number, aliases: Aliases): Promise<LinkedInstance> {
  const { source, plan, decoded, options } = opening
  const planned = plan.instances[index] as PlannedInstance
  const { context, limits, link, vector, trace } = options
  const original = decoded[planned.module] as DecodedModule
  const values: Record<string, FixedImport> = {}
  const targets = planned.imports.map(([, , each], at) =>
    'from' in each
      ? { module: instanceModule(each.from[0]), name: each.from[1] }
      : lowerTarget(plan.imports[each.lower] as PlannedImport, each.options, { ...opening, index, at, values }),
  )
  const places = new Map(planned.imports.map(([module, name], at) => [JSON.stringify([module, name]), at]))
  const renamed = renameModule(original, {
    importOf({ module, name }) {
      return targets[places.get(JSON.stringify([module, name])) as number] as Target
    },
    exportsOf: (name) => [`${CORE_PREFIX}${name}`, ...(aliases[index]?.get(name) ?? [])],
  })
  const module = await moduleCache.decode(renamed, options.cacheCounts)
  const from = new Set(planned.imports.flatMap(([, , each]) => ('from' in each ? [each.from[0]] : [])))
  const others = [...from].map((at) => coreFunctions(at, decoded[plan.instances[at]?.module as number] as DecodedModule))
  const guestModules: ImportModule[] = [{ module: VALUES_MODULE, functions: values }, ...others]
  const linkOptions = plan.instances.length > 1 ? { linkedAs: `${LINKED_AS}_${index}` } : {}
  // Values are passed in memory that the component reserves: it needs no host arena.
  const bounds = { ...limits, jsonBytes: 0 }
  const windows = await loadWindows(module, link)
  const shared: LinkContext = { ...context, ...(await loadImports(module, context)), guestModules }
  const vectors = await loadVectors(module, { link, vector })
  const traced = { trace, original }
  const linked = linkModule(source, module, shared, { limits: bounds, link, windows, vectors, ...traced, ...linkOptions })
  return { module, original, vectors, ...linked }
}

interface Target {
  readonly module: string
  readonly name: string
}

interface Lowering extends Opening {
  /** The index of the core instance. */
  readonly index: number
  /** The place of the import among those of the instance. */
  readonly at: number
  readonly values: Record<string, FixedImport>
}

/** Returns what a core module imports in the place of a function of the world. */
function lowerTarget(
  entry: PlannedImport,
  options: CanonicalOptions,
  { options: { context }, layouts, index, at, values }: Lowering,
): Target {
  const binding = bindingOf(entry, { ...context, ...NOTHING_LATER })
  const { module, name } = binding
  if (binding.kind === 'script') {
    const passesString = entry.type.params.some(([, type]) => type === 'string')
    if (passesString && (options.encoding !== 'utf8' || options.memory?.[0] !== index))
      refuseFeature(`passes ${exportName(entry)} strings that are not UTF-8 in the memory of the core module that calls it`)
    return { module, name }
  }
  if (isPlain(entry.type)) return { module, name }
  // The same function may be imported with different options.
  const key = `${exportName(entry)} ${at}`
  values[key] = hostCall(entry, binding, options, layouts)
  return { module: VALUES_MODULE, name: key }
}
