import { ScriptError } from '../../../errors.ts'
import { decodeModule } from '../../../wasm/decode/decode.ts'
import type { DecodedModule } from '../../../wasm/format/module.ts'
import {
  type CanonicalOptions,
  type ComponentPlan,
  type CoreExport,
  type CoreImport,
  checkInstances,
  MAX_PLANNED,
  type PlannedExport,
  type PlannedImport,
  type PlannedInstance,
  refuseFeature,
} from '../plan.ts'
import { evaluateComponent } from './evaluate.ts'
import type { CoreInstance, CoreItem, DraftFunction, DraftOptions, Item } from './scope.ts'
import { type CoreCode, throughTable } from './thunks.ts'
import { TypeTable } from './type-reader.ts'

type Made = Extract<CoreInstance, { kind: 'made' }>

/** A component as its core modules and the plan that links them. */
export interface PlannedComponent {
  readonly plan: ComponentPlan
  readonly modules: readonly Uint8Array<ArrayBuffer>[]
}

/** Plans a component that `validate` has accepted. Throws `InvalidBinary` for features that components of a game cannot have, `TooLarge`. */
export function planComponent(bytes: Uint8Array<ArrayBuffer>): PlannedComponent {
  const table = new TypeTable()
  const { exports, made } = evaluateComponent(bytes, table)
  return new Planner(made).plan(exports, table)
}

class Planner {
  readonly #made: readonly CoreInstance[]
  readonly #modules: Uint8Array<ArrayBuffer>[] = []
  readonly #code = new Map<Uint8Array, DecodedModule>()
  readonly #instances: PlannedInstance[] = []
  readonly #indices = new Map<CoreInstance, number>()
  readonly #imports: PlannedImport[] = []
  /** Completes the options of functions that instances import. */
  readonly #late: (() => void)[] = []
  readonly #importIndices = new Map<DraftFunction, number>()

  constructor(made: readonly CoreInstance[]) {
    this.#made = made
  }

  plan(items: ReadonlyMap<string, Item>, table: TypeTable): PlannedComponent {
    const exports: PlannedExport[] = []
    for (const [name, item] of items) {
      if (item.sort === 'func') exports.push(this.#export('', name, item.value))
      else if (item.sort === 'instance') {
        for (const [key, each] of item.value) if (each.sort === 'func') exports.push(this.#export(name, key, each.value))
      }
    }
    // What has a start function runs, whether or not anything calls it.
    for (const instance of this.#made) if (instance.kind === 'made' && this.#decoded(instance).start !== undefined) this.#instance(instance)
    for (const complete of this.#late) complete()
    checkInstances(this.#instances.length)
    const plan = { types: table.types, imports: this.#imports, instances: this.#instances, exports }
    for (const list of Object.values(plan)) {
      if (list.length > MAX_PLANNED) throw new ScriptError('TooLarge', `the component has more than ${MAX_PLANNED} imports or exports`)
    }
    return { plan, modules: this.#modules }
  }

  #export(from: string, name: string, func: DraftFunction): PlannedExport {
    if (func.kind === 'import') return refuseFeature(`exports the function '${name}' that it imports`)
    const core = this.#resolve(func.core)
    if (core.kind === 'lower') return refuseFeature(`exports the function '${name}' that it imports`)
    return { interface: from, name, type: func.type, core: this.#coreExport(core), options: this.#options(func.options) }
  }

  #options({ encoding, memory, realloc, postReturn }: DraftOptions): CanonicalOptions {
    const own = (item: CoreItem | undefined): CoreExport | undefined => {
      const found = item === undefined ? undefined : this.#resolve(item)
      return found === undefined
        ? undefined
        : found.kind === 'lower'
          ? refuseFeature('has options that are imports')
          : this.#coreExport(found)
    }
    const parts = { memory: own(memory), realloc: own(realloc), postReturn: own(postReturn) }
    return { encoding, ...Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined)) }
  }

  #coreExport({ instance, name }: Extract<CoreItem, { kind: 'export' }>): CoreExport {
    if (instance.kind !== 'made') return refuseFeature('has a core instance that is not made of a module')
    return [this.#instance(instance), name]
  }

  /** Returns the index of a core instance. Adds it to the plan, after those that it imports from. */
  #instance(instance: Made): number {
    const known = this.#indices.get(instance)
    if (known !== undefined) return known
    const imports: (readonly [string, string, CoreImport])[] = []
    const { imports: entries } = this.#decoded(instance)
    if (entries.length > MAX_PLANNED) throw new ScriptError('TooLarge', `a core module has more than ${MAX_PLANNED} imports`)
    for (const { module, name, kind } of entries) {
      const item = this.#importOf(instance, module, name)
      if (kind !== 'func' || item === undefined) return refuseFeature(`shares a ${kind} between its core modules`)
      imports.push([module, name, this.#coreImport(this.#resolve(item))])
    }
    let module = this.#modules.indexOf(instance.module)
    if (module < 0) module = this.#modules.push(instance.module) - 1
    const index = this.#instances.push({ module, imports }) - 1
    this.#indices.set(instance, index)
    return index
  }

  #coreImport(item: CoreItem): CoreImport {
    if (item.kind === 'export') return { from: this.#coreExport(item) }
    const { func } = item
    // A component in this one calls another: without values in memory their core functions are the same.
    if (func.kind === 'lift') {
      const core = this.#resolve(func.core)
      const isFlat = [...func.type.params.map(([, type]) => type), func.type.result].every(
        (type) => type !== 'string' && typeof type !== 'number',
      )
      if (!isFlat) return refuseFeature('passes strings, lists or records between the components in it')
      return this.#coreImport(core)
    }
    const lowered = { lower: this.#import(func), options: { encoding: item.options.encoding } }
    // The memory may be that of the instance which imports, so it has no index yet.
    this.#late.push(() => Object.assign(lowered.options, this.#options(item.options)))
    return lowered
  }

  #import(func: Extract<DraftFunction, { kind: 'import' }>): number {
    const known = this.#importIndices.get(func)
    if (known !== undefined) return known
    const index = this.#imports.push({ interface: func.interface, name: func.name, type: func.type }) - 1
    this.#importIndices.set(func, index)
    return index
  }

  /** Follows a core function through the tables by which it is called. */
  #resolve(item: CoreItem): CoreItem {
    let found = item
    for (let steps = 0; found.kind === 'export' && steps < this.#made.length; steps++) {
      const next = throughTable(found, this.#made, (instance) => this.#codeOf(instance))
      if (next === undefined) return found
      found = next
    }
    return found
  }

  #codeOf(instance: Made): CoreCode {
    return { module: this.#decoded(instance), importOf: (of, module, name) => this.#importOf(of, module, name) }
  }

  #importOf(instance: Made, module: string, name: string): CoreItem | undefined {
    const from = instance.args.get(module)
    if (from === undefined) return undefined
    return from.kind === 'listed' ? from.exports.get(name) : { kind: 'export', instance: from, name }
  }

  #decoded({ module }: Made): DecodedModule {
    const known = this.#code.get(module)
    if (known !== undefined) return known
    const decoded = decodeModule(module)
    this.#code.set(module, decoded)
    return decoded
  }
}
