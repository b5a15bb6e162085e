import { EXPORT } from '../../abi/exports.ts'
import { ScriptError } from '../../errors.ts'
import type { CoreTrace } from '../../guest/core-module.ts'
import type { Guest, GuestInstance, OpenOptions, Program, TracedModuleParts, TraceMaker } from '../../guest/guest.ts'
import { HAS_MULTI_MEMORY } from '../../multi-memory.ts'
import { openCode } from '../../runtime/load/load.ts'
import type { Generation } from '../../runtime/script/generation.ts'
import type { Script } from '../../runtime/script/script.ts'
import type { Store } from '../../runtime/script/store.ts'
import { traceModule } from '../../wasm/rewrite/trace/trace-module.ts'
import { loadPlaceCode, modulePlaces, type PlaceCode } from './module-places.ts'
import { swapPrograms } from './swap.ts'
import type { TraceBuffer } from './trace-buffer.ts'
import { type DescribedPoint, ModulePoints } from './trace-points.ts'
import { isLineTraced, isWriteTraced, type TraceRequest, type TraceWindow } from './trace-request.ts'
import { type HostCall, traceImports } from './traced-imports.ts'

/** The points of a module are numbered from a multiple of this. */
const POINTS = 2 ** 20
const POINT_SHIFT = 20

/** How traced code is opened. The records lie in the memory of columns, so the memory of a script must be a part of it where a module can have one. */
const OPEN_OPTIONS: Pick<Partial<OpenOptions>, 'vector' | 'link'> = { vector: false, ...(!HAS_MULTI_MEMORY && { link: 'window' }) }

const NO_ROOM =
  'there is no room for its memory: on an engine where a module can have one memory, those of all traced scripts lie in one. ' +
  'Trace fewer scripts at once, declare a smaller maximum for its memory, or use an engine with several memories, such as Node 22'

/** What a run left. */
export interface RawTrace {
  readonly records: Uint8Array<ArrayBuffer>
  /** Records in all, those that were not kept among them. */
  readonly total: number
  /** The number of the first one that was kept. */
  readonly from: number
  /** Calls of imports, and writes by them: records of the kind `call` name one. */
  readonly calls: readonly HostCall[]
  readonly pointAt: (id: number) => DescribedPoint
}

/** A script that cannot be traced, and why. */
export interface Untraced {
  /** The name of the script. */
  readonly script: string
  /** Why, and what to do about it. */
  readonly why: string
}

/** Traced code for the scripts of a runtime as they are now. */
export class Tracer {
  readonly #store: Store
  readonly #trace: TraceBuffer
  readonly #request: TraceRequest
  readonly #modules: ModulePoints[] = []
  readonly #programs = new Map<Generation, Program>()
  /** Instances of the programs, by those that they last stood for. */
  readonly #spares = new WeakMap<GuestInstance, GuestInstance>()
  /** The code that leaves no records. */
  readonly #silent = new Set<Generation>()
  /** The scripts that run as they are. */
  readonly untraced: Untraced[] = []
  /** Whether scripts are not traced because there was no room for their memories. */
  lacksRoom = false
  #calls: HostCall[] = []
  /** Calls of imports that have not returned. */
  #nested = 0

  private constructor(store: Store, trace: TraceBuffer, request: TraceRequest) {
    this.#store = store
    this.#trace = trace
    this.#request = request
  }

  /** Opens the code of the scripts again, so that it leaves records in `trace`. */
  static async create(store: Store, trace: TraceBuffer, request: TraceRequest): Promise<Tracer> {
    const tracer = new Tracer(store, trace, request)
    for (const script of [...store.scripts]) {
      if (script.running === undefined || request.scripts?.includes(script.name) === false) continue
      await tracer.#open(script, script.running.generation)
    }
    return tracer
  }

  /** Whether it has the code that the scripts run now. */
  get isCurrent(): boolean {
    return this.#store.scripts.every(
      ({ name, running }) =>
        running === undefined ||
        this.#request.scripts?.includes(name) === false ||
        this.#programs.has(running.generation) ||
        this.#silent.has(running.generation) ||
        this.untraced.some(({ script }) => script === name),
    )
  }

  /** Runs work that loads code for a script, with the traced code. What is loaded is traced, and stays so: the runtime must not run on. */
  async runLoad(window: TraceWindow, script: string, work: () => Promise<unknown>): Promise<RawTrace> {
    const { guests } = this.#store
    const plain = [...guests]
    const swapBack = this.enter()
    this.#begin(window)
    guests.splice(0, plain.length, ...plain.map((guest) => this.#traceLoads(guest, script)))
    try {
      await work()
    } finally {
      guests.splice(0, plain.length, ...plain)
      swapBack()
    }
    return this.#end(window)
  }

  #begin(window: TraceWindow): void {
    this.#calls = []
    this.#nested = 0
    this.#trace.begin(window)
  }

  #end({ from }: TraceWindow): RawTrace {
    const trace = this.#trace
    return {
      records: trace.records(),
      total: trace.get('count') >>> 0,
      from,
      calls: this.#calls,
      pointAt: (id) => (this.#modules[id >>> POINT_SHIFT] as ModulePoints).at(id % POINTS),
    }
  }

  /** Makes the scripts run the traced code, with the state that they have. Returns what undoes it: the scripts keep the state that they then have. */
  enter(): () => void {
    return swapPrograms(this.#store, this.#programs, this.#spares)
  }

  /** Runs `work` after {@link enter}. */
  record(window: TraceWindow, work: () => void): RawTrace {
    this.#begin(window)
    work()
    return this.#end(window)
  }

  /** Returns whether the code of modules, from one on, may leave records. */
  #leavesRecords(first: number): boolean {
    const { calls, reads, writes } = this.#request
    return this.#modules.slice(first).some((module) =>
      module.all().some(({ kind, import: called }) => {
        if (kind !== 'call' || calls || called === undefined) return true
        return (called.module === 'ecs.set' && isWriteTraced(writes, called.name)) || (called.module === 'ecs.get' && reads)
      }),
    )
  }

  /** All points that running code may leave records of. */
  points(): readonly DescribedPoint[] {
    return this.#modules.flatMap((module) => module.all())
  }

  /** Releases what the code has of the memory of columns. */
  dispose(): void {
    for (const program of this.#programs.values()) program.dispose?.()
  }

  async #open(script: Script, generation: Generation): Promise<void> {
    const { program, queries, services } = generation
    if (!program.capabilities.snapshot) {
      this.untraced.push({ script: script.name, why: 'it runs in a worker, whose state cannot be read' })
      return
    }
    const places = await loadPlaceCode(program.source)
    const first = this.#modules.length
    try {
      const traced = await openCode(this.#store, script, program.source, {
        queries,
        async loadServices() {
          if (services === undefined) throw new ScriptError('HostError', `the services of '${script.name}' are not linked`)
          return services
        },
        ...OPEN_OPTIONS,
        trace: this.#makerFor(script, places),
      })
      if (this.#leavesRecords(first)) this.#programs.set(generation, traced)
      else {
        // It runs as it is, which is faster.
        traced.dispose?.()
        this.#silent.add(generation)
      }
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error
      const isFull = error.code === 'OutOfMemory'
      this.lacksRoom ||= isFull
      this.untraced.push({ script: script.name, why: isFull ? NO_ROOM : error.detail })
    }
  }

  /** Returns a guest that opens traced code, for a script of the store. */
  #traceLoads(guest: Guest, name: string): Guest {
    const more = guest.capabilities.inline ? OPEN_OPTIONS : { vector: false }
    return {
      ...guest,
      open: async (source, options) => {
        const script = this.#store.scripts.find((each) => each.name === name)
        const trace = script && this.#makerFor(script, await loadPlaceCode(source))
        return guest.open(source, { ...options, ...more, trace })
      },
    }
  }

  #makerFor(script: Script, code: PlaceCode): TraceMaker {
    return (parts) => this.#traceModule(script, code, parts)
  }

  #traceModule(script: Script, code: PlaceCode, { module, original, source }: TracedModuleParts): CoreTrace {
    if (!HAS_MULTI_MEMORY && module.memories.length > 1)
      throw new ScriptError('EngineUnavailable', 'it has several memories, and a module can have one on this engine')
    const { lines, locals, calls, reads, writes } = this.#request
    const places = modulePlaces(code, source, module, original)
    const { byName } = this.#store.ecs.components
    const fieldOf = (importIndex: number): string | undefined => module.imports[importIndex]?.name
    const entityFunctions = new Set(
      module.exports.flatMap(({ name, kind, index }) => (kind === 'func' && isOfEntity(script, name) ? [index] : [])),
    )
    const { plan, points } = traceModule(module, {
      ...{ locals, calls, reads, entityFunctions },
      lines: (functionIndex, at) =>
        typeof lines === 'boolean' ? lines : isLineTraced(lines, script.name, places.placeOf(functionIndex, at)),
      address: this.#trace.address,
      firstPoint: this.#modules.length * POINTS,
      statementsOf: places.statementsOf,
      writes: (importIndex) => isWriteTraced(writes, fieldOf(importIndex) ?? ''),
    })
    const typeOf = (field: string) => columnOf(field)?.type
    const columnOf = (field: string) => byName.get(field.split('.')[0] ?? '')?.columns.get(field.split('.')[1] ?? '')
    this.#modules.push(new ModulePoints(script.name, { module, original, entityFunctions }, places, points, typeOf))
    return {
      ...plan,
      memory: this.#trace.memory,
      entered: () => this.#entered(),
      bind: (imports) =>
        traceImports(imports, {
          ...{ calls, reads, writes, columnOf },
          trace: this.#trace,
          add: (call) => this.#calls.push(call) - 1,
          nest: (by) => {
            this.#nested += by
          },
        }),
    }
  }

  /** Notes that the host enters an instance. Calls of entities say in their code whether they are recorded. */
  #entered(): void {
    const trace = this.#trace
    if (this.#nested === 0) trace.set('depth', 0)
    trace.set('base', trace.get('depth'))
    trace.set('muted', trace.get('entity') === -1 ? 0 : 1)
  }
}

/** Returns whether the first parameter of an export is the entity that it runs on. */
function isOfEntity({ options: { hooks } }: Script, name: string): boolean {
  return name === EXPORT.update || name === EXPORT.onAttach || name === EXPORT.onDetach || hooks.some((hook) => hook.export === name)
}
