import { EXPORT } from '../../abi/exports.ts'
import type { LinkedImports } from '../../host/link/linker.ts'
import { InstanceState } from '../../wasm/instance/instance-state.ts'
import { TextBoundary } from '../../wasm/instance/text-boundary.ts'
import { createBudget, withOwnPages } from '../budget.ts'
import { type CoreModule, instantiateCoreModule } from '../core-module.ts'

import type { DescribedName, ModuleDescription } from '../guest.ts'
import type { GrowingMemory } from '../instance-meter.ts'
import { ScriptInstance, stackPointersOf } from '../script/instance.ts'
import { type ScriptParts, ScriptProgram } from '../script/program.ts'
import { ComponentCaller, type SharedParts } from './caller.ts'
import type { Layouts } from './canonical/layout.ts'
import { ComponentInstance, type OtherInstance } from './instance.ts'
import { type ComponentPlan, exportName, type PlannedExport } from './plan.ts'
import { functionText } from './wit.ts'

/** A core instance of a component, linked, rewritten and compiled. */
export interface OpenedInstance {
  readonly core: CoreModule
  readonly imports: LinkedImports
}

/** The parts that {@link ComponentProgram} is made of. */
export interface ProgramParts extends Omit<ScriptParts, 'core' | 'imports' | 'others'> {
  readonly plan: ComponentPlan
  readonly layouts: Layouts
  /** The names that a script's exports have for those of the component. */
  readonly roles: ReadonlyMap<PlannedExport, string | undefined>
  /** The core instances, in the order in which they are made. */
  readonly instances: readonly OpenedInstance[]
  /** The index of the one whose exports are called as a script's are. */
  readonly main: number
}

/** The code of a component: its core modules, linked with each other and with the game, under one budget. */
export class ComponentProgram extends ScriptProgram {
  readonly #parts: ProgramParts

  constructor(parts: ProgramParts) {
    const { instances, main } = parts
    const { core, imports } = instances[main] as OpenedInstance
    super({ ...parts, core, imports, others: instances.filter((_, index) => index !== main).map((each) => each.core) })
    this.#parts = parts
  }

  override get takesConfig(): boolean {
    return [...this.#parts.roles].some(([{ type }, role]) => role === EXPORT.init && type.params.length > 0)
  }

  /** Describes the component as its world: types as WIT writes them. */
  override describe(): ModuleDescription {
    const { plan, layouts, roles, instances } = this.#parts
    const modules = instances.map(({ core }) => core.module)
    const described = (each: Pick<PlannedExport, 'interface' | 'name' | 'type'>): DescribedName => ({
      name: each.name,
      ...(each.interface !== '' && { module: each.interface }),
      type: functionText(layouts, each.type),
    })
    return {
      bytes: this.source.bytes.length,
      functions: modules.reduce((sum, { bodies }) => sum + bodies.length, 0),
      memoryPages: this.instancePages,
      imports: plan.imports.map(described),
      exports: plan.exports.map((exported) => ({
        name: roles.get(exported) ?? exportName(exported),
        type: functionText(layouts, exported.type),
      })),
    }
  }

  override instantiate(): ComponentInstance {
    const { plan, layouts, roles, instances, main, limits, hostMemory } = this.#parts
    const isLinked = instances.length > 1
    const budget = createBudget()
    const made: WebAssembly.Exports[] = []
    const charge = (units: number): void => this.imports.charge(units)
    const shared: SharedParts = { layouts, made, limit: limits.jsonBytes, charge }
    const growing: GrowingMemory[] = []
    const others: OtherInstance[] = []
    let mainCaller = new ComponentCaller(shared)
    for (const [index, { core, imports }] of instances.entries()) {
      const own = index === main ? budget : withOwnPages(budget)
      const caller = new ComponentCaller(shared)
      const exports = instantiateCoreModule(core, imports.bind(caller), { hostMemory, ...(isLinked && { budget: own }) })
      made.push(exports)
      if (index === main) {
        mainCaller = caller
        continue
      }
      const memory = exports.memory instanceof WebAssembly.Memory ? { memory: exports.memory } : {}
      caller.text = new TextBoundary(memory, { jsonBytes: limits.jsonBytes, charge })
      const state = new InstanceState(core.module, exports, core.rewritten.arena)
      growing.push({ pages: own.pages, size: () => state.pages })
      others.push({ name: String(index), exports, module: core.module, state })
    }
    const mainExports = made[main] as WebAssembly.Exports
    const script = isLinked
      ? new ScriptInstance(this, mainExports, mainCaller, { budget, growing, stackPointers: others.flatMap(stackPointersOf) })
      : new ScriptInstance(this, mainExports, mainCaller)
    return new ComponentInstance({ script, plan, roles, others, shared, main: mainExports })
  }
}
