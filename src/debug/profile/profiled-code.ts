import type { Reserve } from '../../ecs/components/reserve.ts'
import { ScriptError } from '../../errors.ts'
import type { CoreTrace } from '../../guest/core-module.ts'
import type { GuestInstance, PageRoom, Program, TracedModuleParts } from '../../guest/guest.ts'
import { createCacheCounts } from '../../guest/module-cache.ts'
import { HAS_MULTI_MEMORY } from '../../multi-memory.ts'
import { openCode } from '../../runtime/load/load.ts'
import type { Generation } from '../../runtime/script/generation.ts'
import type { Script } from '../../runtime/script/script.ts'
import type { Store } from '../../runtime/script/store.ts'
import { type DecodedModule, importedFunctions } from '../../wasm/format/module.ts'
import { type CountedStatement, countModule } from '../../wasm/rewrite/trace/count-module.ts'
import { loadPlaceCode, type ModulePlaces, modulePlaces, type PlaceCode } from '../trace/module-places.ts'
import { Counters, type TreeNode } from './counters.ts'

/** What is counted of one module of a program. */
export interface CountedModule {
  readonly module: DecodedModule
  readonly original: DecodedModule
  readonly statements: readonly CountedStatement[]
  /** The number of the function with index 0. */
  readonly firstFunction: number
  readonly places: ModulePlaces
}

/** What the code of a generation counted: it stays as it is when the generation is gone. */
export interface Counts {
  readonly functions: readonly TreeNode[]
  /** By module and statement. */
  readonly hits: readonly Float64Array[]
}

/** The code of a generation twice: as it is, and so that it counts what runs. */
export class CountedCode {
  readonly script: string
  readonly generation: Generation
  readonly plain: Program
  readonly counting: Program
  readonly #counters: Counters
  readonly #parts: readonly CountedParts[]
  readonly #code: PlaceCode
  readonly #made: WeakSet<GuestInstance>
  #modules: readonly CountedModule[] | undefined
  #source: Program['source'] | undefined
  #last: Counts | undefined

  private constructor(
    { name }: Script,
    generation: Generation,
    counting: Program,
    { counters, parts, code }: { readonly counters: Counters; readonly parts: readonly CountedParts[]; readonly code: PlaceCode },
  ) {
    this.script = name
    this.generation = generation
    this.plain = generation.program
    this.counting = counting
    this.#counters = counters
    this.#parts = parts
    this.#code = code
    this.#made = noteInstances(counting)
    generation.counted = { dispose: () => this.#dispose() }
  }

  /** Opens the code of a generation again so that it counts, in a reserve. Rejects with the errors of loading it, `EngineUnavailable`, `OutOfMemory`. */
  static async open(store: Store, reserve: Reserve, script: Script, generation: Generation): Promise<CountedCode> {
    const { program, queries, services } = generation
    if (!program.capabilities.snapshot) throw new ScriptError('EngineUnavailable', 'it runs in a worker, where nothing is counted')
    const code = await loadPlaceCode(program.source)
    const counters = new Counters(reserve)
    const parts: CountedParts[] = []
    try {
      const counting = await openCode(store, script, program.source, {
        queries,
        async loadServices() {
          if (services === undefined) throw new ScriptError('HostError', `the services of '${script.name}' are not linked`)
          return services
        },
        vector: false,
        // The counters lie in the memory of columns, so the memory of the script must be a part of it where a module can have one.
        ...(!HAS_MULTI_MEMORY && { link: 'window' as const }),
        cacheCounts: createCacheCounts(),
        trace: (traced) => countParts(traced, code, counters, parts),
      })
      shareRoom(counting, program)
      return new CountedCode(script, generation, counting, { counters, parts, code })
    } catch (error) {
      counters.dispose()
      throw error
    }
  }

  /** Whether the generation runs the code that counts. */
  get isCounting(): boolean {
    return this.generation.program === this.counting
  }

  /** Returns whether an instance is one of the code that counts. */
  counts(instance: GuestInstance): boolean {
    return this.#made.has(instance)
  }

  /** Makes the generation run the code that counts, or the other. Its instances stay as they are. */
  use(isCounting: boolean): void {
    const from = this.generation.program
    const to = isCounting ? this.counting : this.plain
    if (from.source !== to.source) to.replaceText(from.source)
    setProgram(this.generation, to)
  }

  /** Returns an instance of the code that the generation runs, with the state of one of the other; `undefined` if it cannot have that. */
  convert(instance: GuestInstance): GuestInstance | undefined {
    const image = instance.state.save()
    const made = this.generation.program.instantiate()
    try {
      return made.state.canHold(image) && made.state.restore(image).length === 0 ? made : undefined
    } catch {
      return undefined
    }
  }

  /** Sets what was counted to 0. */
  clear(): void {
    this.#counters.clear()
  }

  counted(): Counts {
    return this.#last ?? { functions: this.#counters.functions(), hits: this.#parts.map((_, module) => this.#counters.hits(module)) }
  }

  /** What was counted of each module, with the places of the text that the script has now. */
  get modules(): readonly CountedModule[] {
    const { source } = this.isCounting ? this.counting : this.plain
    if (this.#modules === undefined || source !== this.#source) {
      this.#source = source
      this.#modules = this.#parts.map((part) => ({ ...part, places: modulePlaces(this.#code, source, part.module, part.original) }))
    }
    return this.#modules
  }

  /** Whether the generation was disposed of. What was counted is kept. */
  get isDisposed(): boolean {
    return this.#last !== undefined
  }

  /** State of a generation that was disposed of is read by its code, which must not count any more. */
  #dispose(): void {
    this.#last = this.counted()
    this.use(false)
    this.counting.dispose?.()
    this.#counters.dispose()
  }
}

type CountedParts = Omit<CountedModule, 'places'>

/** Plans how a module counts, and adds it to the parts of the program. */
function countParts(
  { module, original, source }: TracedModuleParts,
  code: PlaceCode,
  counters: Counters,
  parts: CountedParts[],
): CoreTrace {
  if (!HAS_MULTI_MEMORY && module.memories.length > 1)
    throw new ScriptError('EngineUnavailable', 'it has several memories, and a module can have one on this engine')
  const places = modulePlaces(code, source, module, original)
  const statements: CountedStatement[] = []
  for (let functionIndex = importedFunctions(module); functionIndex < module.functions.length; functionIndex++)
    for (const at of places.statementsOf(functionIndex)) statements.push({ functionIndex, at })
  const address = counters.add(statements.length, module.functions.length)
  if (address === undefined)
    throw new ScriptError(
      'OutOfMemory',
      'there is no room for its counters in the memory of columns: give defineComponents a larger `reserve`',
    )
  const last = parts.at(-1)
  const firstFunction = last === undefined ? 0 : last.firstFunction + last.module.functions.length
  parts.push({ module, original, statements, firstFunction })
  return {
    ...countModule(module, { statements, counters: address, tree: counters.tree, root: counters.root, firstFunction }),
    memory: counters.memory,
    entered: () => counters.enter(),
    bind: (imports) => imports,
  }
}

/** Makes two programs count the pages of their instances together. */
function shareRoom(program: { room: PageRoom }, { room }: Program): void {
  program.room = room
}

/** Replaces the program of a generation, which is the same code. */
function setProgram(generation: { program: Program }, program: Program): void {
  generation.program = program
}

/** Returns the instances that a program makes from now on. */
function noteInstances(program: { instantiate: Program['instantiate'] }): WeakSet<GuestInstance> {
  const made = new WeakSet<GuestInstance>()
  const instantiate = program.instantiate.bind(program)
  program.instantiate = () => {
    const instance = instantiate()
    made.add(instance)
    return instance
  }
  return made
}
