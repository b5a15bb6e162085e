import type { NumberType } from '../../abi/types.ts'
import { ScriptError } from '../../errors.ts'
import { abbreviate } from '../../printable.ts'
import { type DecodedModule, type FunctionType, formatFunctionType, sameFunctionType } from '../../wasm/format/module.ts'
import type { Layouts } from './canonical/layout.ts'
import {
  type CanonicalOptions,
  type ComponentFunctionType,
  type ComponentPlan,
  type CoreExport,
  exportName,
  type PlannedImport,
  refuseFeature,
  type TypeReference,
} from './plan.ts'

const POINTER: readonly NumberType[] = ['i32']
const REALLOC: FunctionType = { params: ['i32', 'i32', 'i32', 'i32'], results: ['i32'] }

/** An item that a core module exports: a function with its type. */
type Exported = FunctionType | 'memory' | 'other'

/**
 * Checks that the core modules of a component have the functions and memories that its plan names, with the types that the canonical ABI
 * gives them. A plan may come from anyone. Throws `InvalidBinary`.
 */
export function checkCoreModules(plan: ComponentPlan, layouts: Layouts, modules: readonly DecodedModule[]): void {
  new CoreCheck(plan, layouts, modules).run()
}

class CoreCheck {
  readonly #plan: ComponentPlan
  readonly #layouts: Layouts
  readonly #modules: readonly DecodedModule[]
  readonly #exports: readonly ReadonlyMap<string, Exported>[]

  constructor(plan: ComponentPlan, layouts: Layouts, modules: readonly DecodedModule[]) {
    this.#plan = plan
    this.#layouts = layouts
    this.#modules = modules
    this.#exports = modules.map(exportsOf)
  }

  run(): void {
    const { instances, exports, imports } = this.#plan
    for (const { module, imports: own } of instances) {
      const planned = new Map(own.map(([from, name, each]) => [keyOf(from, name), each]))
      for (const entry of (this.#modules[module] as DecodedModule).imports) {
        const label = `the import ${abbreviate(entry.module)}::${abbreviate(entry.name)} of a core module`
        const each = planned.get(keyOf(entry.module, entry.name))
        if (each === undefined) refuseFeature(`has a core module that imports ${entry.module}::${entry.name} from nowhere`)
        if (entry.kind !== 'func') refuseFeature(`shares a ${entry.kind} between its core modules`)
        const type = 'from' in each ? this.#function(each.from) : this.#lowered(imports[each.lower] as PlannedImport, each.options)
        expectType(label, entry.type, type)
      }
    }
    for (const exported of exports) {
      const { type, core, options } = exported
      const label = `the export '${abbreviate(exportName(exported))}'`
      const { params = POINTER, results = POINTER } = this.#layouts.signature(type)
      expectType(label, this.#function(core), { params, results })
      if (options.postReturn !== undefined)
        expectType(`the function after ${label}`, this.#function(options.postReturn), { params: results, results: [] })
      const { isPassed, isGiven } = this.#inMemory(type)
      this.#options(label, options, isPassed || isGiven, isPassed)
    }
  }

  /** Returns the type of the core function of an import. */
  #lowered(entry: PlannedImport, options: CanonicalOptions): FunctionType {
    const { params = POINTER, results } = this.#layouts.signature(entry.type)
    const { isPassed, isGiven } = this.#inMemory(entry.type)
    const isReserved = entry.type.result !== null && this.#layouts.of(entry.type.result).hasPointers
    this.#options(`the import '${abbreviate(exportName(entry))}'`, options, isPassed || isGiven, isReserved)
    return { params: results === undefined ? [...params, ...POINTER] : params, results: results ?? [] }
  }

  /** Returns whether the parameters, and the result, of a function need memory. */
  #inMemory(type: ComponentFunctionType): { readonly isPassed: boolean; readonly isGiven: boolean } {
    const { params, results, places } = this.#layouts.signature(type)
    const hasPointers = (each: TypeReference): boolean => this.#layouts.of(each).hasPointers
    return {
      isPassed: params === undefined || places.types.some(hasPointers),
      isGiven: results === undefined || (type.result !== null && hasPointers(type.result)),
    }
  }

  #options(label: string, { memory, realloc }: CanonicalOptions, needsMemory: boolean, needsRealloc: boolean): void {
    if (memory !== undefined ? this.#find(memory) !== 'memory' : needsMemory) refuse(`${label} has no memory`)
    if (realloc !== undefined) expectType(`what reserves memory for ${label}`, this.#function(realloc), REALLOC)
    else if (needsRealloc) refuse(`${label} has no function that reserves memory`)
  }

  #function(place: CoreExport): FunctionType {
    const found = this.#find(place)
    return typeof found === 'object' ? found : refuse(`a core module exports no function '${abbreviate(place[1])}'`)
  }

  #find([instance, name]: CoreExport): Exported | undefined {
    return this.#exports[this.#plan.instances[instance]?.module ?? -1]?.get(name)
  }
}

function exportsOf(module: DecodedModule): ReadonlyMap<string, Exported> {
  return new Map(
    module.exports.map(({ name, kind, index }) => {
      const type = kind === 'func' ? module.functions[index] : undefined
      return [name, type ?? (kind === 'memory' ? 'memory' : 'other')]
    }),
  )
}

function keyOf(module: string, name: string): string {
  return JSON.stringify([module, name])
}

function expectType(label: string, found: FunctionType, wanted: FunctionType): void {
  if (!sameFunctionType(found, wanted))
    refuse(`${label} has the core type ${formatFunctionType(found)} in place of ${formatFunctionType(wanted)}`)
}

function refuse(what: string): never {
  throw new ScriptError(
    'InvalidBinary',
    `the core modules of the component are not what its plan says: ${what}; prepare the component again`,
  )
}
