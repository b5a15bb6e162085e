import { EXPORT } from '../../abi/exports.ts'
import type { Limits } from '../../abi/limits.ts'
import type { Column } from '../../ecs/components/components.ts'
import { notLoaded } from '../../errors.ts'
import type { LinkedImports } from '../../host/link/linker.ts'
import { exportedFunction, type FunctionType } from '../../wasm/format/module.ts'
import type { SourceModule } from '../../wasm/text/source-module.ts'
import { type CoreModule, instantiateCoreModule } from '../core-module.ts'
import type { CoreWindow } from '../core-window.ts'
import type { Capabilities, Carried, Carrier, Guest, GuestInstance, PageRoom, Program } from '../guest.ts'
import { bytesBesideMemory, pagesOf, priceOfInstance } from '../instance-cost.ts'
import type { GuestKind, ModuleDescription, ScriptLink } from '../module-description.ts'
import { takesText } from './calls.ts'
import { describeCoreModule, exportsOf } from './describe-core-module.ts'
import type { ScriptCode } from './script-code.ts'
import { LateCaller, ScriptInstance } from './script-instance.ts'
import { linkOf } from './script-link.ts'
import { ScriptTracer } from './tracer.ts'

/** The parts that {@link ScriptProgram} is made of. */
export interface ScriptProgramParts {
  readonly guest: Guest
  readonly source: SourceModule
  readonly core: CoreModule
  readonly imports: LinkedImports
  readonly limits: Limits
  /** The memory that holds the columns of the game's components, if there is one. */
  readonly hostMemory: WebAssembly.Memory | undefined
  /** The window of that memory that is the module's own, if there is one. */
  readonly window?: CoreWindow | undefined
  /** Why the module has no such window, though it needs one. @default it does not need one */
  readonly withoutWindow?: string | undefined
  readonly ms: Program['ms']
  /** The other modules of which each instance has an instance. @default none */
  readonly others?: readonly CoreModule[]
  /** @default one that finds the functions of the module */
  readonly tracer?: ScriptTracer
}

/** A script's code: one core module, checked, linked, rewritten and compiled. */
export class ScriptProgram implements Program, ScriptCode {
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
  readonly #hostMemory: WebAssembly.Memory | undefined
  readonly #window: CoreWindow | undefined
  readonly #withoutWindow: string | undefined
  #source: SourceModule

  constructor({ guest, source, core, imports, limits, hostMemory, window, withoutWindow, ms, others = [], tracer }: ScriptProgramParts) {
    this.kind = guest.kind
    this.capabilities = guest.capabilities
    this.core = core
    this.imports = imports
    this.limits = limits
    this.tracer = tracer ?? new ScriptTracer(source, { core })
    this.room = { total: limits.totalMemoryPages, left: limits.totalMemoryPages, instances: 0 }
    const modules = [core, ...others].map(({ module }) => module)
    this.instancePages = sum(modules.map(pagesOf))
    this.instanceBytes = sum(modules.map((module) => bytesBesideMemory(module, limits)))
    this.instancePrice = sum(modules.map(priceOfInstance))
    this.ms = ms
    this.#hostMemory = hostMemory
    this.#window = window
    this.#withoutWindow = withoutWindow
    this.#source = source
  }

  get source(): SourceModule {
    return this.#source
  }

  get link(): ScriptLink {
    return linkOf(this.core, this.imports, this.#withoutWindow, (offset) => this.tracer.frameAt(offset))
  }

  get vector(): Program['vector'] {
    return this.core.rewritten.vector
  }

  get written(): readonly Column[] {
    return this.core.rewritten.usesHostMemory ? this.imports.written : []
  }

  get writtenAtStart(): readonly Column[] {
    const { module } = this.core
    const runs = module.start !== undefined || RUN_AT_START.some((name) => exportedFunction(module, name) !== undefined)
    return runs ? this.written : []
  }

  get arenaEnd(): number {
    return this.core.rewritten.arena?.end ?? 0
  }

  typeOf(name: string): FunctionType | 'json' | undefined {
    return exportedFunction(this.core.module, name)
  }

  parametersOf(name: string): number | undefined {
    return exportedFunction(this.core.module, name)?.params.length
  }

  takesJson(name: string): boolean {
    const type = exportedFunction(this.core.module, name)
    return type !== undefined && takesText(type)
  }

  get takesConfig(): boolean {
    return exportedFunction(this.core.module, EXPORT.init)?.params.length === 2
  }

  replaceText(source: SourceModule): void {
    this.#source = source
    this.tracer.replaceText(source)
  }

  describe(): ModuleDescription {
    return { guest: this.kind, ...describeCoreModule(this.core.module) }
  }

  exports(): ReturnType<Program['exports']> {
    return exportsOf(this.core.module)
  }

  instantiate(): GuestInstance {
    const caller = new LateCaller()
    const own = instantiateCoreModule(this.core, this.imports.bind(caller), { hostMemory: this.#hostMemory, window: this.#window })
    return new ScriptInstance(this, own, caller)
  }

  dispose(): void {
    this.#window?.dispose()
  }

  settle(): void {
    this.#window?.settle()
  }

  /** A script has no state beside its memories, globals and tables. */
  inherit(_before: GuestInstance, _instance: GuestInstance): readonly string[] {
    return []
  }

  async loadCarrier(): Promise<Carrier> {
    const { carrier } = await import('./carry-state.ts').catch(notLoaded('the code that carries state over'))
    return (earlier) => (earlier instanceof ScriptProgram && earlier.kind === this.kind ? carrier(earlier, this) : () => OTHER_KIND)
  }
}

/** The exports that are called before an instance runs in a tick. */
const RUN_AT_START: readonly string[] = [EXPORT.getMetadata, EXPORT.validateConfig, EXPORT.init]

const OTHER_KIND: Carried = { carried: [], dropped: ['everything: the old code is another kind of module'], warnings: [] }

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
