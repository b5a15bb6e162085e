import { EXPORT } from '../../abi/exports.ts'
import type { Limits } from '../../abi/limits.ts'
import { MEMORY_BYTES_SHIFT, PRICES, TABLE_ELEMENT_SHIFT } from '../../abi/prices.ts'
import type { Column } from '../../ecs/components/components.ts'
import type { LinkedImports } from '../../host/link/linker.ts'
import { type DecodedModule, exportedFunction } from '../../wasm/format/module.ts'
import type { SourceModule } from '../../wasm/text/source-module.ts'
import { type CoreModule, instantiateCoreModule } from '../core-module.ts'
import type { Capabilities, Carried, Carrier, Guest, GuestKind, ModuleDescription, PageRoom, Program, ScriptLink } from '../guest.ts'
import { describeCoreModule } from './describe-core-module.ts'
import { LateCaller, ScriptInstance } from './instance.ts'
import type { ScriptCode } from './script-code.ts'
import { ScriptTracer } from './tracer.ts'

/** The parts that {@link ScriptProgram} is made of. */
export interface ScriptParts {
  readonly guest: Guest
  readonly source: SourceModule
  readonly core: CoreModule
  readonly imports: LinkedImports
  readonly limits: Limits
  /** The memory that holds the columns of the game's components, if there is one. */
  readonly hostMemory: WebAssembly.Memory | undefined
  readonly ms: Program['ms']
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
  #source: SourceModule

  constructor({ guest, source, core, imports, limits, hostMemory, ms }: ScriptParts) {
    this.kind = guest.kind
    this.capabilities = guest.capabilities
    this.core = core
    this.imports = imports
    this.limits = limits
    this.tracer = new ScriptTracer(source, core.module, core.options)
    this.room = { total: limits.totalMemoryPages, left: limits.totalMemoryPages, instances: 0 }
    this.instancePages = pagesOf(core.module)
    this.instanceBytes = bytesBesideMemory(core.module, limits)
    this.instancePrice = priceOfInstance(core.module)
    this.ms = ms
    this.#hostMemory = hostMemory
    this.#source = source
  }

  get source(): SourceModule {
    return this.#source
  }

  get link(): ScriptLink {
    const { hosted, accessors } = this.imports
    const { module, options } = this.core
    if (module.memories.length > 0 && !options.manyMemories)
      return { path: 'host', why: 'it has a memory of its own, and this engine allows one memory in a module' }
    if (hosted.length === 0) return { path: 'inline', why: undefined }
    const why = `host functions reach ${[...new Set(hosted)].join(', ')}: not in the memory that defineComponents made`
    return { path: accessors.size === 0 ? 'host' : 'inline', why }
  }

  get written(): readonly Column[] {
    return this.core.rewritten.usesHostMemory ? this.imports.written : []
  }

  get arenaEnd(): number {
    return this.core.rewritten.arena?.end ?? 0
  }

  get takesConfig(): boolean {
    return exportedFunction(this.core.module, EXPORT.init)?.params.length === 2
  }

  replaceText(source: SourceModule): void {
    this.#source = source
    this.tracer.replaceText(source)
  }

  describe(): ModuleDescription {
    return describeCoreModule(this.core.module)
  }

  instantiate(): ScriptInstance {
    const caller = new LateCaller()
    const exports = instantiateCoreModule(this.core, this.imports.bind(caller), { hostMemory: this.#hostMemory })
    return new ScriptInstance(this, exports, caller)
  }

  async loadCarrier(): Promise<Carrier> {
    const { carrier } = await import('./carry-state.ts')
    return (earlier) => (earlier instanceof ScriptProgram ? carrier(earlier, this) : () => OTHER_KIND)
  }
}

const OTHER_KIND: Carried = { carried: [], dropped: ['everything: the old code is another kind of module'], warnings: [] }

function pagesOf({ memories }: DecodedModule): number {
  return memories.reduce((sum, { minimum }) => sum + minimum, 0)
}

/** Returns what an instance takes beside its memories, as measured on V8: the objects of the host, and the engine's tables. */
function bytesBesideMemory({ tables, imports, exports, globals }: DecodedModule, { tableElements }: Limits): number {
  const elements = tables.reduce((sum, table) => sum + (table.limits.maximum ?? tableElements), 0)
  return 8192 + 32 * Math.min(elements, tableElements) + 512 * (imports.length + exports.length) + 192 * globals.length
}

/** Returns the price of an instance: the engine makes its memories and writes its segments, and the host creates its objects. */
function priceOfInstance(module: DecodedModule): number {
  const { elements, data, memories, imports, exports, globals, tables } = module
  const written = elements.reduce((sum, { mode, length }) => sum + (mode === 'active' ? length : 0), 0)
  const sizes = tables.reduce((sum, { limits }) => sum + limits.minimum, 0)
  const bytes = data.reduce((sum, { mode, range }) => sum + (mode === 'active' ? range.end - range.start : 0), 0)
  return (
    PRICES.instance +
    PRICES.instanceMemory * memories.length +
    PRICES.instancePage * pagesOf(module) +
    PRICES.instanceName * (imports.length + exports.length) +
    PRICES.instanceGlobal * globals.length +
    PRICES.instanceVector * globals.filter(({ mutable, value }) => mutable && value === 'v128').length +
    PRICES.instanceSegment * (data.length + elements.length) +
    ((written + sizes) << TABLE_ELEMENT_SHIFT) +
    (bytes >> MEMORY_BYTES_SHIFT)
  )
}
