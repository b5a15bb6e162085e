import type { FieldType } from '../../abi/types.ts'
import type { ScriptFrame, SourceLocation } from '../../errors.ts'
import { abbreviate } from '../../printable.ts'
import { demangle } from '../../wasm/debug/demangle.ts'
import type { DecodedModule } from '../../wasm/format/module.ts'
import type { PointKind, PointLocal, TracePoint } from '../../wasm/rewrite/trace/trace-memory.ts'
import { localNames } from './local-names.ts'
import type { ModulePlaces } from './module-places.ts'

/** A point of a script, as a trace shows it. */
export interface DescribedPoint {
  readonly kind: PointKind
  readonly script: string
  readonly function: string
  /** Whether the first parameter of the function is the entity that it runs on. */
  readonly isOfEntity: boolean
  readonly place: SourceLocation | undefined
  /** The function, after those that a compiler inlined there, the innermost first. */
  readonly frames: readonly ScriptFrame[]
  readonly locals: readonly (PointLocal & { readonly name: string })[]
  readonly depthAt: number
  readonly fuelAt: number
  readonly size: number
  /** The import that it calls, such as `ecs.set` and `Position.x`. */
  readonly import: { readonly module: string; readonly name: string } | undefined
  /** The type of the field that a `write` writes. */
  readonly fieldType: FieldType | undefined
}

/** The points of one module, described when they are asked for. */
export class ModulePoints {
  readonly #script: string
  readonly #module: DecodedModule
  readonly #original: DecodedModule
  readonly #entityFunctions: ReadonlySet<number>
  readonly #places: ModulePlaces
  readonly #points: readonly TracePoint[]
  readonly #typeOf: (field: string) => FieldType | undefined
  readonly #described = new Map<number, DescribedPoint>()
  #names: ReturnType<typeof localNames> | undefined

  constructor(
    script: string,
    {
      module,
      original,
      entityFunctions,
    }: { readonly module: DecodedModule; readonly original: DecodedModule; readonly entityFunctions: ReadonlySet<number> },
    places: ModulePlaces,
    points: readonly TracePoint[],
    typeOf: (field: string) => FieldType | undefined,
  ) {
    this.#script = script
    this.#module = module
    this.#original = original
    this.#entityFunctions = entityFunctions
    this.#places = places
    this.#points = points
    this.#typeOf = typeOf
  }

  all(): readonly DescribedPoint[] {
    return this.#points.map((_, index) => this.at(index))
  }

  /** Returns the point with a number, counted from the first one of the module. */
  at(index: number): DescribedPoint {
    const known = this.#described.get(index)
    if (known !== undefined) return known
    const { kind, functionIndex, at, locals, depthAt, fuelAt, size, importIndex } = this.#points[index] as TracePoint
    this.#names ??= localNames(this.#original)
    const names = this.#names.get(functionIndex)
    const called = importIndex < 0 ? undefined : this.#module.imports[importIndex]
    const name = functionName(this.#original, functionIndex)
    const described: DescribedPoint = {
      kind,
      script: this.#script,
      function: name,
      isOfEntity: this.#entityFunctions.has(functionIndex),
      place: this.#places.placeOf(functionIndex, at),
      frames: this.#places.framesAt(functionIndex, at, name),
      locals: locals.map((local) => ({ ...local, name: abbreviate(names?.get(local.index) ?? `local ${local.index}`) })),
      ...{ depthAt, fuelAt, size },
      import: called && { module: called.module, name: called.name },
      fieldType: called === undefined ? undefined : this.#typeOf(called.name),
    }
    this.#described.set(index, described)
    return described
  }
}

/** Returns the name of a function as people know it. */
export function functionName({ exports, names }: DecodedModule, functionIndex: number): string {
  const exported = exports.find(({ kind, index }) => kind === 'func' && index === functionIndex)
  const name = names.functions.get(functionIndex) ?? exported?.name ?? `function ${functionIndex}`
  return abbreviate(demangle(name) ?? name)
}
