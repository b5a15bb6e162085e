import { EXPORT } from '../../abi/exports.ts'
import type { Column } from '../../ecs/components/components.ts'
import type { LinkedImports } from '../../host/link/linker.ts'
import type { LinkContext } from '../../host/modules/import-module.ts'
import type { FunctionType } from '../../wasm/format/module.ts'
import type { InstanceMemory } from '../../wasm/instance/instance-memory.ts'
import { InstanceState } from '../../wasm/instance/instance-state.ts'
import { TextBoundary } from '../../wasm/instance/text-boundary.ts'
import { type Budget, createBudget, withOwnPages } from '../budget.ts'
import { type CoreModule, exportedMemoryOf, type InstantiatedModule, instantiateCoreModule } from '../core-module.ts'
import type { GuestInstance, Program } from '../guest.ts'
import type { GrowingMemory } from '../instance-meter.ts'
import type { ModuleDescription } from '../module-description.ts'
import { isPluginFunction } from '../script/check-exports.ts'
import { LinkedTracer } from '../script/linked-tracer.ts'
import { memoryUseOf, ScriptInstance, stackPointersOf } from '../script/script-instance.ts'
import { ScriptProgram, type ScriptProgramParts } from '../script/script-program.ts'
import { describePluginModules } from './describe-plugin.ts'
import { Kernel } from './kernel.ts'
import type { LinkedModule } from './linked-modules.ts'
import { PluginCaller } from './plugin-caller.ts'
import { type LinkedInstance, PluginInstance } from './plugin-instance.ts'
import { Variables } from './variables.ts'

/** The parts that {@link PluginProgram} is made of. */
export interface PluginProgramParts extends Omit<ScriptProgramParts, 'others'> {
  readonly kernel: CoreModule
  /** The modules that the plugin imports, in an order in which each can be made. */
  readonly linked: readonly LinkedModule[]
  /** The values of `config_get`, by key. */
  readonly config: () => ReadonlyMap<string, string>
  readonly clock: LinkContext['clock']
}

/** The code of an Extism plugin: its module and the kernel, linked with each other, under one budget. */
export class PluginProgram extends ScriptProgram {
  readonly #parts: PluginProgramParts

  constructor(parts: PluginProgramParts) {
    const { source, core, linked } = parts
    const others = [parts.kernel, ...linked.map((each) => each.core)]
    super({ ...parts, others, tracer: new LinkedTracer(source, { core }, linked) })
    this.#parts = parts
  }

  override typeOf(name: string): FunctionType | 'json' | undefined {
    const { module } = this.core
    const isFunction = module.exports.some((entry) => entry.name === name && isPluginFunction(module, entry))
    return isFunction ? 'json' : super.typeOf(name)
  }

  /** A plugin's function has one input, whatever it is. */
  override parametersOf(name: string): number | undefined {
    return this.typeOf(name) === 'json' ? 1 : super.parametersOf(name)
  }

  override takesJson(name: string): boolean {
    return this.typeOf(name) === 'json' || super.takesJson(name)
  }

  /** Any plugin may read it with `config_get`. */
  override get takesConfig(): boolean {
    return true
  }

  /** `_initialize` and its like may run any of its code. */
  override get writtenAtStart(): readonly Column[] {
    return this.written
  }

  get configValues(): ReadonlyMap<string, string> {
    return this.#parts.config()
  }

  override exports(): ReturnType<Program['exports']> {
    return this.describe().exports
  }

  override describe(): ModuleDescription {
    const { core, linked } = this.#parts
    return describePluginModules(
      core.module,
      linked.map(({ name, core: { module } }) => ({ name, module })),
    )
  }

  override instantiate(): PluginInstance {
    const { core, kernel, linked, imports, config, limits, hostMemory, window, clock } = this.#parts
    const { charge } = imports
    const budget = createBudget()
    const kernelBudget = withOwnPages(budget)
    const made = new Map<string, WebAssembly.Exports>()
    const callers: PluginCaller[] = []
    const shared = { kernel: new Kernel(kernel, kernelBudget, charge), variables: new Variables(limits.jsonBytes), config, linked: made }
    const growing: GrowingMemory[] = [{ pages: kernelBudget.pages, size: () => shared.kernel.pages }, shared.variables]
    const make = (
      module: CoreModule,
      { bind }: LinkedImports,
      own: Budget,
    ): { readonly made: InstantiatedModule; readonly caller: PluginCaller } => {
      const caller = new PluginCaller(shared)
      callers.push(caller)
      const made = instantiateCoreModule(module, bind(caller), { hostMemory, budget: own, window: module === core ? window : undefined })
      caller.memory = exportedMemoryOf(made, EXPORT.memory)
      return { made, caller }
    }
    const memories: InstanceMemory[] = []
    const others = linked.map((each): LinkedInstance => {
      const { module, rewritten } = each.core
      const own = withOwnPages(budget)
      const { made: other, caller } = make(each.core, each.imports, own)
      const { exports } = other
      made.set(each.name, exports)
      memories.push(...other.memories)
      caller.text = new TextBoundary({ memory: caller.memory }, { jsonBytes: limits.jsonBytes, charge })
      const state = new InstanceState(module, exports, other.memories, rewritten.arena)
      growing.push({ pages: own.pages, size: () => state.pages })
      return { name: each.name, exports, module, state }
    })
    const { made: main, caller } = make(core, imports, budget)
    const begin = (): void => shared.kernel.begin()
    const stackPointers = others.flatMap(stackPointersOf)
    const script = new ScriptInstance(this, main, caller, { budget, begin, growing, memories, stackPointers })
    const instance = new PluginInstance({
      script,
      module: core.module,
      exports: main.exports,
      caller,
      linked: others,
      jsonBytes: limits.jsonBytes,
      clock,
      charge,
    })
    for (const each of callers) each.memoryUse = memoryUseOf(instance, script.meter, limits)
    return instance
  }

  override inherit(before: GuestInstance, instance: GuestInstance): readonly string[] {
    if (!(before instanceof PluginInstance) || !(instance instanceof PluginInstance)) return []
    return instance.takeVariables(before)
  }
}
