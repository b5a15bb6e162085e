import type { Limits } from '../../abi/limits.ts'
import type { Column } from '../../ecs/components/components.ts'
import type { LinkedImports } from '../../host/link/linker.ts'
import type { LinkContext } from '../../host/modules/import-module.ts'
import { InstanceState } from '../../wasm/instance/instance-state.ts'
import { TextBoundary } from '../../wasm/instance/text-boundary.ts'
import type { SourceModule } from '../../wasm/text/source-module.ts'
import { type Budget, createBudget, withOwnPages } from '../budget.ts'
import { type CoreModule, instantiateCoreModule } from '../core-module.ts'
import type { Capabilities, Carrier, Guest, GuestInstance, GuestKind, ModuleDescription, PageRoom, Program, ScriptLink } from '../guest.ts'
import { bytesBesideMemory, pagesOf, priceOfInstance } from '../instance-cost.ts'
import type { GrowingMemory } from '../instance-meter.ts'
import { describeCoreModule } from '../script/describe-core-module.ts'
import { ScriptInstance, stackPointersOf } from '../script/instance.ts'
import { OTHER_KIND } from '../script/program.ts'
import type { ScriptCode } from '../script/script-code.ts'
import { linkOf } from '../script/script-link.ts'
import { ScriptTracer } from '../script/tracer.ts'
import { type LinkedInstance, PluginInstance } from './instance.ts'
import { Kernel } from './kernel.ts'
import type { LinkedModule } from './linked-modules.ts'
import { PluginCaller } from './plugin-caller.ts'
import { Variables } from './variables.ts'

/** The parts that {@link PluginProgram} is made of. */
export interface ProgramParts {
  readonly guest: Guest
  readonly source: SourceModule
  /** The plugin's module. */
  readonly core: CoreModule
  readonly kernel: CoreModule
  /** The modules that it imports, in an order in which each can be made. */
  readonly linked: readonly LinkedModule[]
  readonly imports: LinkedImports
  readonly limits: Limits
  /** The values of \`config_get\`, by key. */
  readonly config: ReadonlyMap<string, string>
  readonly clock: LinkContext['clock']
  readonly hostMemory: WebAssembly.Memory | undefined
  readonly ms: Program['ms']
}

/** The code of an Extism plugin: its module and the kernel, linked with each other, under one budget. */
export class PluginProgram implements Program, ScriptCode {
  readonly kind: GuestKind
  readonly capabilities: Capabilities
  readonly core: CoreModule
  readonly imports: LinkedImports
  readonly limits: Limits
  readonly tracer: ScriptTracer
  readonly room: PageRoom
  readonly instancePages: number
  readonly instanceBytes: number
  readonly instancePrice: number
  readonly ms: Program['ms']
  readonly #parts: ProgramParts
  #source: SourceModule

  constructor(parts: ProgramParts) {
    const { guest, source, core, kernel, linked, imports, limits, ms } = parts
    this.kind = guest.kind
    this.capabilities = guest.capabilities
    this.core = core
    this.imports = imports
    this.limits = limits
    this.tracer = new ScriptTracer(source, core.module, core.options)
    const modules = [core, kernel, ...linked.map((each) => each.core)]
    this.room = { total: limits.totalMemoryPages, left: limits.totalMemoryPages, instances: 0 }
    this.instancePages = modules.reduce((sum, { module }) => sum + pagesOf(module), 0)
    this.instanceBytes = modules.reduce((sum, { module }) => sum + bytesBesideMemory(module, limits), 0)
    this.instancePrice = modules.reduce((sum, { module }) => sum + priceOfInstance(module), 0)
    this.ms = ms
    this.#parts = parts
    this.#source = source
  }

  get source(): SourceModule {
    return this.#source
  }

  get link(): ScriptLink {
    return linkOf(this.core, this.imports)
  }

  get written(): readonly Column[] {
    return this.core.rewritten.usesHostMemory ? this.imports.written : []
  }

  get arenaEnd(): number {
    return this.core.rewritten.arena?.end ?? 0
  }

  /** Any plugin may read it with `config_get`. */
  get takesConfig(): boolean {
    return true
  }

  replaceText(source: SourceModule): void {
    this.#source = source
    this.tracer.replaceText(source)
  }

  describe(): ModuleDescription {
    return describeCoreModule(this.core.module)
  }

  instantiate(): PluginInstance {
    const { core, kernel, linked, imports, config, limits, hostMemory, clock } = this.#parts
    const { charge } = imports
    const budget = createBudget()
    const kernelBudget = withOwnPages(budget)
    const made = new Map<string, WebAssembly.Exports>()
    const shared = { kernel: new Kernel(kernel, kernelBudget, charge), variables: new Variables(limits.jsonBytes), config, linked: made }
    const growing: GrowingMemory[] = [{ pages: kernelBudget.pages, size: () => shared.kernel.pages }]
    const make = (
      module: CoreModule,
      { bind }: LinkedImports,
      own: Budget,
    ): { readonly exports: WebAssembly.Exports; readonly caller: PluginCaller } => {
      const caller = new PluginCaller(shared)
      const exports = instantiateCoreModule(module, bind(caller), { hostMemory, budget: own })
      const { memory } = exports
      if (memory instanceof WebAssembly.Memory) caller.memory = () => memory
      return { exports, caller }
    }
    const others = linked.map((each): LinkedInstance => {
      const { module, rewritten } = each.core
      const own = withOwnPages(budget)
      const { exports, caller } = make(each.core, each.imports, own)
      made.set(each.name, exports)
      const memory = exports.memory instanceof WebAssembly.Memory ? { memory: exports.memory } : {}
      caller.text = new TextBoundary(memory, { jsonBytes: limits.jsonBytes, charge })
      const state = new InstanceState(module, exports, rewritten.arena)
      growing.push({ pages: own.pages, size: () => state.pages })
      return { name: each.name, exports, module, state }
    })
    const { exports, caller } = make(core, imports, budget)
    const script = new ScriptInstance(this, exports, caller, { budget, growing, stackPointers: others.flatMap(stackPointersOf) })
    return new PluginInstance({ script, module: core.module, exports, caller, linked: others, jsonBytes: limits.jsonBytes, clock, charge })
  }

  inherit(before: GuestInstance, instance: GuestInstance): readonly string[] {
    if (!(before instanceof PluginInstance) || !(instance instanceof PluginInstance)) return []
    return instance.takeVariables(before)
  }

  async loadCarrier(): Promise<Carrier> {
    const { carrier } = await import('../script/carry-state.ts')
    return (earlier) => (earlier instanceof PluginProgram ? carrier(earlier, this) : () => OTHER_KIND)
  }
}
