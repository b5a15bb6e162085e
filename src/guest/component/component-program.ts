import { EXPORT } from '../../abi/exports.ts'
import type { Column } from '../../ecs/components/components.ts'
import type { DecodedModule, FunctionType } from '../../wasm/format/module.ts'
import type { InstanceMemory } from '../../wasm/instance/instance-memory.ts'
import { InstanceState } from '../../wasm/instance/instance-state.ts'
import { TextBoundary } from '../../wasm/instance/text-boundary.ts'
import { createBudget, withOwnPages } from '../budget.ts'
import { type CoreModule, exportedMemoryOf, type InstantiatedModule, instantiateCoreModule } from '../core-module.ts'
import type { Carried, Carrier, Program } from '../guest.ts'
import type { GrowingMemory, InstanceMeter } from '../instance-meter.ts'
import type { ModuleDescription } from '../module-description.ts'
import type { LinkedCode } from '../script/link-module.ts'
import { LinkedTracer } from '../script/linked-tracer.ts'
import { ScriptInstance, stackPointersOf } from '../script/script-instance.ts'
import { ScriptProgram, type ScriptProgramParts } from '../script/script-program.ts'
import { ComponentCaller, type SharedComponentParts } from './caller.ts'
import { ComponentInstance, type OtherInstance } from './component-instance.ts'
import { describePlan, type OpenedPlan } from './describe-component.ts'
import { exportName, type PlannedExport } from './plan.ts'
import { snakeCase } from './wit-names.ts'

/** A core instance of a component, linked, rewritten and compiled. */
export interface OpenedInstance extends Pick<LinkedCode, 'imports' | 'window' | 'withoutWindow'> {
  readonly core: CoreModule
  /** The core module before its imports were renamed. */
  readonly original: DecodedModule
}

/** The parts that {@link ComponentProgram} is made of. */
export interface ComponentProgramParts extends Omit<ScriptProgramParts, 'core' | 'imports' | 'others'> {
  readonly opened: OpenedPlan
  /** The core modules before their imports were renamed. */
  readonly decoded: readonly DecodedModule[]
  /** The core instances, in the order in which they are made. */
  readonly instances: readonly OpenedInstance[]
  /** The index of the one whose exports are called as a script's are. */
  readonly main: number
}

const SEVERAL_MODULES: Carried = {
  carried: [],
  dropped: ['everything: only the state of components of one core module is carried; export get-state and set-state'],
  warnings: [],
}

/** The code of a component: its core modules, linked with each other and with the game, under one budget. */
export class ComponentProgram extends ScriptProgram {
  readonly #parts: ComponentProgramParts

  constructor(parts: ComponentProgramParts) {
    const { instances, main } = parts
    const own = instances[main] as OpenedInstance
    const others = instances.filter((each) => each !== own)
    const tracer = new LinkedTracer(parts.source, own, others)
    super({ ...parts, ...own, others: others.map(({ core }) => core), tracer })
    this.#parts = parts
  }

  override get writtenAtStart(): readonly Column[] {
    return this.written
  }

  override get takesConfig(): boolean {
    return [...this.#parts.opened.roles].some(([{ type }, role]) => role === EXPORT.init && type.params.length > 0)
  }

  override typeOf(name: string): FunctionType | undefined {
    const { layouts } = this.#parts.opened
    const exported = this.#exported(name)
    const { params, results } = exported === undefined ? {} : layouts.signature(exported.type)
    return params === undefined || results === undefined ? undefined : { params, results }
  }

  override parametersOf(name: string): number | undefined {
    return this.#exported(name)?.type.params.length
  }

  override takesJson(name: string): boolean {
    const params = this.#exported(name)?.type.params ?? []
    return params.length === 1 && params[0]?.[1] === 'string'
  }

  override exports(): ReturnType<Program['exports']> {
    return this.describe().exports
  }

  override describe(): ModuleDescription {
    return describePlan(this.#parts.opened, this.source, this.#parts.decoded)
  }

  /** Carries the state of one core module. Whether the states of several would agree is unknown. */
  override async loadCarrier(): Promise<Carrier> {
    const carrier = await super.loadCarrier()
    return (earlier) => {
      const areSingle = earlier instanceof ComponentProgram && [this, earlier].every((each) => each.#parts.instances.length === 1)
      return areSingle ? carrier(earlier) : () => SEVERAL_MODULES
    }
  }

  override dispose(): void {
    for (const { window } of this.#parts.instances) window?.dispose()
  }

  override settle(): void {
    for (const { window } of this.#parts.instances) window?.settle()
  }

  #exported(name: string): PlannedExport | undefined {
    return this.#parts.opened.plan.exports.find((each) => exportName(each) === name || snakeCase(exportName(each)) === name)
  }

  override instantiate(): ComponentInstance {
    const { opened, instances, main, limits, hostMemory } = this.#parts
    const isLinked = instances.length > 1
    const budget = createBudget()
    const made: InstantiatedModule[] = []
    const charge = (units: number): void => this.imports.charge(units)
    let meter: InstanceMeter | undefined
    const explain = (error: unknown): unknown => meter?.explain(error) ?? error
    const shared: SharedComponentParts = { layouts: opened.layouts, made, limit: limits.jsonBytes, charge, explain }
    const growing: GrowingMemory[] = []
    const others: OtherInstance[] = []
    const otherMemories: InstanceMemory[] = []
    let mainCaller = new ComponentCaller(shared)
    for (const [index, { core, imports, window }] of instances.entries()) {
      const own = index === main ? budget : withOwnPages(budget)
      const caller = new ComponentCaller(shared)
      const instance = instantiateCoreModule(core, imports.bind(caller), { hostMemory, window, ...(isLinked && { budget: own }) })
      const { exports, memories } = instance
      made.push(instance)
      if (index === main) {
        mainCaller = caller
        continue
      }
      caller.text = new TextBoundary({ memory: exportedMemoryOf(instance, EXPORT.memory) }, { jsonBytes: limits.jsonBytes, charge })
      const state = new InstanceState(core.module, exports, memories, core.rewritten.arena)
      otherMemories.push(...memories)
      growing.push({ pages: own.pages, size: () => state.pages })
      others.push({ name: String(index), exports, module: core.module, state })
    }
    const mainInstance = made[main] as InstantiatedModule
    const stackPointers = others.flatMap(stackPointersOf)
    const script = isLinked
      ? new ScriptInstance(this, mainInstance, mainCaller, { budget, growing, memories: otherMemories, stackPointers })
      : new ScriptInstance(this, mainInstance, mainCaller)
    meter = script.meter
    return new ComponentInstance({ script, plan: opened.plan, roles: opened.roles, others, shared, main: mainInstance.exports })
  }
}
