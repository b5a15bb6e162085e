import { EXPORT } from '../../abi/exports.ts'
import type { Limits } from '../../abi/limits.ts'
import type { LinkContext } from '../../host/modules/import-module.ts'
import type { DecodedModule } from '../../wasm/format/module.ts'
import type { SourceModule } from '../../wasm/text/source-module.ts'
import type { CoreModule } from '../core-module.ts'
import type { Capabilities, Carried, Carrier, Guest, GuestInstance, LateOptions, PageRoom, Program } from '../guest.ts'
import { bytesBesideMemory, pagesOf, priceOfInstance } from '../instance-cost.ts'
import type { GuestKind, ModuleDescription } from '../module-description.ts'
import { isPluginFunction } from '../script/check-exports.ts'
import type { ScriptTracer } from '../script/tracer.ts'
import { type Outcome, PluginWorker, type WorkerParts } from './plugin-worker.ts'
import type { Variables } from './variables.ts'
import { WorkerInstance } from './worker-instance.ts'

/** The parts that {@link WorkerProgram} is made of. */
export interface WorkerProgramParts {
  readonly guest: Guest
  readonly source: SourceModule
  /** The module of the plugin. */
  readonly core: CoreModule
  readonly tracer: ScriptTracer
  /** All modules of the plugin, with its own. */
  readonly all: readonly DecodedModule[]
  readonly limits: Limits
  readonly ms: Program['ms']
  readonly description: ModuleDescription
  readonly configValues: ReadonlyMap<string, string>
  readonly clock: LinkContext['clock']
  readonly late: LateOptions
  readonly worker: Omit<WorkerParts, 'trace' | 'hasMetadata'>
}

/** Functions of a plugin that the runtime calls on the game's thread alone. */
const NOT_CALLED: readonly string[] = [
  ...[EXPORT.getState, EXPORT.setState, EXPORT.validateConfig, EXPORT.getVersion],
  ...[EXPORT.process, EXPORT.handleMessage, EXPORT.handleCallback, EXPORT.onResponse],
]

/** The code of an Extism plugin that runs in a worker. */
export class WorkerProgram implements Program {
  readonly kind: GuestKind
  readonly capabilities: Capabilities
  readonly link: Program['link'] = {
    path: 'host',
    why: 'it runs in a worker, which reaches no fields',
    vector: false,
    loops: 0,
    obstacle: undefined,
  }
  readonly vector: Program['vector'] = undefined
  readonly written: Program['written'] = []
  readonly writtenAtStart: Program['written'] = []
  readonly arenaEnd = 0
  readonly room: PageRoom
  readonly instancePages: number
  readonly instanceBytes: number
  readonly instancePrice: number
  readonly ms: Program['ms']
  readonly takesConfig = true
  readonly parametersOf = (name: string): number | undefined => (this.#has(name) ? 1 : undefined)
  /** It answers later than a message is handled. */
  readonly takesJson: () => boolean = () => false
  readonly warnings: readonly string[]
  readonly #parts: WorkerProgramParts
  readonly #tracer: ScriptTracer
  #source: SourceModule
  #launched: { readonly worker: PluginWorker; readonly outcome: Outcome } | undefined

  constructor(parts: WorkerProgramParts) {
    const { guest, source, tracer, all, limits, ms } = parts
    this.#parts = parts
    this.#source = source
    this.#tracer = tracer
    this.kind = guest.kind
    this.capabilities = guest.capabilities
    this.ms = ms
    this.room = { total: limits.totalMemoryPages, left: limits.totalMemoryPages, instances: 0 }
    this.instancePages = all.reduce((sum, module) => sum + pagesOf(module), 0)
    this.instanceBytes = all.reduce((sum, module) => sum + bytesBesideMemory(module, limits), 0)
    this.instancePrice = all.reduce((sum, module) => sum + priceOfInstance(module), 0)
    this.warnings = NOT_CALLED.filter((name) => this.#has(name)).map(
      (name) => `export '${name}' is not called in a worker: its result would come too late`,
    )
  }

  get configValues(): ReadonlyMap<string, string> {
    return this.#parts.configValues
  }

  get source(): SourceModule {
    return this.#source
  }

  replaceText(source: SourceModule): void {
    this.#source = source
    this.#tracer.replaceText(source)
  }

  exports(): ReturnType<Program['exports']> {
    return this.describe().exports
  }

  describe(): ModuleDescription {
    return this.#parts.description
  }

  /** Other functions than those of the plugin cannot be called in a worker. */
  typeOf(name: string): 'json' | undefined {
    return this.#has(name) ? 'json' : undefined
  }

  async launch(before: GuestInstance | undefined): Promise<void> {
    this.close()
    const worker = this.#worker(before instanceof WorkerInstance ? before.variables : new Map())
    const outcome = await worker.start()
    if (outcome.error !== undefined) throw outcome.error
    this.#launched = { worker, outcome }
  }

  close(): void {
    this.#launched?.worker.stop()
    this.#launched = undefined
  }

  instantiate(): WorkerInstance {
    const { core, limits, late, clock } = this.#parts
    const { worker = this.#worker(new Map()), outcome: started } = this.#launched ?? {}
    this.#launched = undefined
    return new WorkerInstance({
      ...{ module: core.module, worker, started, late, clock },
      ...{ pages: this.instancePages, jsonBytes: limits.jsonBytes },
    })
  }

  inherit(before: GuestInstance, instance: GuestInstance): readonly string[] {
    return before instanceof WorkerInstance && instance instanceof WorkerInstance ? instance.takeVariables(before) : []
  }

  async loadCarrier(): Promise<Carrier> {
    return () => () => NOTHING_MORE
  }

  #has(name: string): boolean {
    const { module } = this.#parts.core
    return module.exports.some((entry) => entry.name === name && isPluginFunction(module, entry))
  }

  #worker(variables: Variables['all']): PluginWorker {
    const { worker } = this.#parts
    const parts = {
      ...worker,
      init: this.#has(EXPORT.init) ? worker.init : undefined,
      hasMetadata: this.#has(EXPORT.getMetadata),
      trace: (error: unknown) => this.#tracer.trace(error),
    }
    return new PluginWorker(parts, variables)
  }
}

const NOTHING_MORE: Carried = { carried: [], dropped: ['memory: it is in the worker, and begins anew'], warnings: [] }
