import type { NumberType } from '../../../abi/types.ts'
import { ScriptError } from '../../../errors.ts'
import type { ComponentFunctionType, CompositeType, Primitive, TypeReference } from '../plan.ts'
import { camelCase } from '../wit-names.ts'

/** Parameters that a core function takes as numbers. More are passed in memory. */
const MAX_FLAT_PARAMS = 16
/** A function with more numbers than this in its result returns a pointer to it. */
const MAX_FLAT_RESULTS = 1

/** The most bytes that a value takes, without what it points to. */
const MAX_TYPE_BYTES: number = 2 ** 16

/** How values of a type lie in memory, and how they are passed as numbers. */
export interface Layout {
  readonly size: number
  readonly alignment: number
  /** The numbers that pass a value; cut off where no function would take so many. */
  readonly flat: readonly NumberType[]
  /** Whether a value holds pointers to other memory: strings and lists. */
  readonly hasPointers: boolean
}

const NUMBER = { hasPointers: false } as const
const WIDE: Layout = { ...NUMBER, size: 8, alignment: 8, flat: ['i64'] }
const WORD: Layout = { ...NUMBER, size: 4, alignment: 4, flat: ['i32'] }
const HALF: Layout = { ...NUMBER, size: 2, alignment: 2, flat: ['i32'] }
const BYTE: Layout = { ...NUMBER, size: 1, alignment: 1, flat: ['i32'] }
const POINTER_AND_LENGTH: Layout = { hasPointers: true, size: 8, alignment: 4, flat: ['i32', 'i32'] }

const PRIMITIVES: Readonly<Record<Primitive, Layout>> = {
  ...{ bool: BYTE, s8: BYTE, u8: BYTE, s16: HALF, u16: HALF, s32: WORD, u32: WORD, s64: WIDE, u64: WIDE },
  ...{ f32: { ...WORD, flat: ['f32'] }, f64: { ...WIDE, flat: ['f64'] }, char: WORD, string: POINTER_AND_LENGTH },
}

/** A case of a variant, of an option or of a result. */
export type Case = readonly [name: string, type: TypeReference | null]

/** How a value that is one of several cases is passed. */
export interface Choice {
  readonly cases: readonly Case[]
  /** Whether JavaScript has it as `undefined` or the value itself: an option, unless its value may be `undefined`, too. */
  readonly isOptional: boolean
  readonly indexOf: ReadonlyMap<string, number>
  /** The bytes of the number of the case. */
  readonly bytes: 1 | 2 | 4
  /** Where the value of the case lies: after its number. */
  readonly payloadOffset: number
  /** The numbers that pass the value of any case. */
  readonly flat: readonly NumberType[]
}

/** Where consecutive values lie. */
export interface Places {
  readonly types: readonly TypeReference[]
  /** The names of the values in WIT, and in JavaScript; left out if they have none. */
  readonly names?: readonly string[]
  readonly keys?: readonly string[]
  readonly offsets: readonly number[]
  readonly size: number
  readonly alignment: number
}

/** How a function passes its values. */
export interface Signature {
  /** The parameters where they lie in memory. */
  readonly places: Places
  /** The numbers that it takes; `undefined` if it takes a pointer to its parameters. */
  readonly params: readonly NumberType[] | undefined
  /** The number that it returns, if any; `undefined` if its result is passed in memory. */
  readonly results: readonly NumberType[] | undefined
}

/**
 * The types of a component with their layouts. What is looked up for each value is computed once.
 * https://github.com/WebAssembly/component-model/blob/main/design/mvp/CanonicalABI.md
 */
export class Layouts {
  readonly #types: readonly CompositeType[]
  readonly #layouts: Layout[] = []
  readonly #choices = new Map<number, Choice>()
  readonly #places = new Map<number, Places>()
  readonly #signatures = new WeakMap<ComponentFunctionType, Signature>()

  /** Throws `TooLarge`. */
  constructor(types: readonly CompositeType[]) {
    this.#types = types
    // A type refers to earlier ones only.
    for (const [index, type] of types.entries()) {
      const layout = this.#layoutOf(type, index)
      checkSize(layout)
      this.#layouts.push(layout)
    }
  }

  type(index: number): CompositeType {
    return this.#types[index] as CompositeType
  }

  of(type: TypeReference): Layout {
    return typeof type === 'number' ? (this.#layouts[type] as Layout) : PRIMITIVES[type]
  }

  /** Returns the cases of a variant, an enum, an option or a result. */
  choice(index: number): Choice {
    return this.#choices.get(index) as Choice
  }

  /** Returns where the parts of a record or a tuple lie. */
  places(index: number): Places {
    return this.#places.get(index) as Places
  }

  signature(type: ComponentFunctionType): Signature {
    const known = this.#signatures.get(type)
    if (known !== undefined) return known
    const types = type.params.map(([, each]) => each)
    const flat = this.#flatOf(types)
    const results = type.result === null ? [] : this.of(type.result).flat
    const signature: Signature = {
      places: this.#consecutive(types),
      params: flat.length > MAX_FLAT_PARAMS ? undefined : flat,
      results: results.length > MAX_FLAT_RESULTS ? undefined : results,
    }
    checkSize(signature.places)
    this.#signatures.set(type, signature)
    return signature
  }

  #layoutOf(type: CompositeType, index: number): Layout {
    switch (type.kind) {
      case 'list':
        return POINTER_AND_LENGTH
      case 'record':
      case 'tuple': {
        const types = type.kind === 'tuple' ? type.items : type.fields.map(([, each]) => each)
        const names = type.kind === 'tuple' ? undefined : type.fields.map(([name]) => name)
        const places = { ...this.#consecutive(types), ...(names && { names, keys: names.map(camelCase) }) }
        this.#places.set(index, places)
        return { size: places.size, alignment: places.alignment, flat: this.#flatOf(types), hasPointers: this.#havePointers(types) }
      }
      case 'flags':
        return { ...(type.names.length <= 8 ? BYTE : type.names.length <= 16 ? HALF : WORD), flat: ['i32'] }
      default: {
        const choice = this.#choiceOf(casesOf(type), this.#isOptional(type))
        this.#choices.set(index, choice)
        const types = typesOf(choice.cases)
        const alignment = Math.max(choice.bytes, this.#alignmentOf(types))
        const size = types.reduce<number>((most, each) => Math.max(most, this.of(each).size), 0)
        const flat = cut(['i32', ...choice.flat])
        return { size: alignUp(choice.payloadOffset + size, alignment), alignment, flat, hasPointers: this.#havePointers(types) }
      }
    }
  }

  #isOptional(type: CompositeType): boolean {
    return type.kind === 'option' && (typeof type.some === 'string' || this.#choices.get(type.some)?.isOptional !== true)
  }

  #consecutive(types: readonly TypeReference[]): Places {
    const offsets: number[] = []
    let end = 0
    for (const type of types) {
      const layout = this.of(type)
      const start = alignUp(end, layout.alignment)
      offsets.push(start)
      end = start + layout.size
    }
    const alignment = this.#alignmentOf(types)
    return { types, offsets, size: alignUp(end, alignment), alignment }
  }

  #choiceOf(cases: readonly Case[], isOptional: boolean): Choice {
    const bytes = caseBytes(cases.length)
    const flat: NumberType[] = []
    for (const type of typesOf(cases)) {
      for (const [place, each] of this.of(type).flat.entries()) flat[place] = join(flat[place] ?? each, each)
    }
    const indexOf = new Map(cases.map(([name], index) => [name, index]))
    return { cases, isOptional, indexOf, bytes, payloadOffset: alignUp(bytes, this.#alignmentOf(typesOf(cases))), flat }
  }

  /** Returns the numbers of consecutive values, up to one more than a function takes. */
  #flatOf(types: readonly TypeReference[]): readonly NumberType[] {
    const flat: NumberType[] = []
    for (const type of types) {
      flat.push(...this.of(type).flat)
      if (flat.length > MAX_FLAT_PARAMS) break
    }
    return cut(flat)
  }

  #alignmentOf(types: readonly TypeReference[]): number {
    return types.reduce<number>((most, each) => Math.max(most, this.of(each).alignment), 1)
  }

  #havePointers(types: readonly TypeReference[]): boolean {
    return types.some((each) => this.of(each).hasPointers)
  }
}

function checkSize({ size }: Pick<Layout, 'size'>): void {
  if (size > MAX_TYPE_BYTES)
    throw new ScriptError('TooLarge', `the component has values of ${size} bytes, the limit is ${MAX_TYPE_BYTES}; use a list`)
}

function typesOf(cases: readonly Case[]): readonly TypeReference[] {
  return cases.flatMap(([, type]) => (type === null ? [] : [type]))
}

function casesOf(type: Exclude<CompositeType, { kind: 'list' | 'record' | 'tuple' | 'flags' }>): readonly Case[] {
  switch (type.kind) {
    case 'variant':
      return type.cases
    case 'enum':
      return type.names.map((name) => [name, null])
    case 'option':
      return [
        ['none', null],
        ['some', type.some],
      ]
    case 'result':
      return [
        ['ok', type.ok],
        ['err', type.error],
      ]
  }
}

/** Returns the bytes of the number of a case. */
function caseBytes(count: number): 1 | 2 | 4 {
  return count <= 2 ** 8 ? 1 : count <= 2 ** 16 ? 2 : 4
}

function alignUp(offset: number, alignment: number): number {
  return Math.ceil(offset / alignment) * alignment
}

/** Returns the number that can hold two. */
function join(one: NumberType, other: NumberType): NumberType {
  if (one === other) return one
  const isNarrow = (type: NumberType): boolean => type === 'i32' || type === 'f32'
  return isNarrow(one) && isNarrow(other) ? 'i32' : 'i64'
}

function cut(flat: readonly NumberType[]): readonly NumberType[] {
  return flat.slice(0, MAX_FLAT_PARAMS + 1)
}
