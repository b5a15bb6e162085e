import type { NumberType } from '../../../abi/types.ts'
import type { ComponentFunctionType, CompositeType, Primitive, TypeReference } from '../plan.ts'

/** Parameters that a core function takes as numbers. More are passed in memory. */
export const MAX_FLAT_PARAMS = 16
/** A function with more numbers than this in its result returns a pointer to it. */
export const MAX_FLAT_RESULTS = 1

/** How values of a type lie in memory, and how they are passed as numbers. */
export interface Layout {
  readonly size: number
  readonly alignment: number
  /** The numbers that pass a value; cut off where no function would take so many. */
  readonly flat: readonly NumberType[]
}

const WIDE: Layout = { size: 8, alignment: 8, flat: ['i64'] }
const WORD: Layout = { size: 4, alignment: 4, flat: ['i32'] }
const HALF: Layout = { size: 2, alignment: 2, flat: ['i32'] }
const BYTE: Layout = { size: 1, alignment: 1, flat: ['i32'] }
const POINTER_AND_LENGTH: Layout = { size: 8, alignment: 4, flat: ['i32', 'i32'] }

const PRIMITIVES: Readonly<Record<Primitive, Layout>> = {
  ...{ bool: BYTE, s8: BYTE, u8: BYTE, s16: HALF, u16: HALF, s32: WORD, u32: WORD, s64: WIDE, u64: WIDE },
  ...{ f32: { ...WORD, flat: ['f32'] }, f64: { ...WIDE, flat: ['f64'] }, char: WORD, string: POINTER_AND_LENGTH },
}

/** A case of a variant, of an option or of a result. */
export type Case = readonly [name: string, type: TypeReference | null]

/**
 * The types of a component with their layouts.
 * https://github.com/WebAssembly/component-model/blob/main/design/mvp/CanonicalABI.md
 */
export class Layouts {
  readonly #types: readonly CompositeType[]
  readonly #layouts: Layout[] = []

  constructor(types: readonly CompositeType[]) {
    this.#types = types
    // A type refers to earlier ones only.
    for (const type of types) this.#layouts.push(this.#layoutOf(type))
  }

  type(index: number): CompositeType {
    return this.#types[index] as CompositeType
  }

  of(type: TypeReference): Layout {
    return typeof type === 'number' ? (this.#layouts[type] as Layout) : PRIMITIVES[type]
  }

  /** Returns the numbers that a function takes for its parameters; `undefined` if it takes a pointer to them. */
  params({ params }: ComponentFunctionType): readonly NumberType[] | undefined {
    const flat = params.flatMap(([, type]) => this.of(type).flat)
    return flat.length > MAX_FLAT_PARAMS ? undefined : flat
  }

  /** Returns the number that a function returns, if any; `undefined` if the result is passed in memory. */
  results({ result }: ComponentFunctionType): readonly NumberType[] | undefined {
    if (result === null) return []
    const { flat } = this.of(result)
    return flat.length > MAX_FLAT_RESULTS ? undefined : flat
  }

  /** Returns the places of consecutive values, and what they take together. */
  places(types: readonly TypeReference[]): { readonly offsets: readonly number[]; readonly size: number; readonly alignment: number } {
    const offsets: number[] = []
    let end = 0
    let alignment = 1
    for (const type of types) {
      const layout = this.of(type)
      const start = alignUp(end, layout.alignment)
      offsets.push(start)
      end = start + layout.size
      alignment = Math.max(alignment, layout.alignment)
    }
    return { offsets, size: alignUp(end, alignment), alignment }
  }

  /** Returns where the value of a case lies: after the number of the case. */
  payloadOffset(cases: readonly Case[]): number {
    return alignUp(caseBytes(cases.length), this.#payload(cases).alignment)
  }

  /** Returns the numbers that pass the value of any case. */
  choiceFlat(cases: readonly Case[]): readonly NumberType[] {
    const flat: NumberType[] = []
    for (const [, type] of cases) {
      const own = type === null ? [] : this.of(type).flat
      for (const [index, each] of own.entries()) flat[index] = join(flat[index] ?? each, each)
    }
    return flat
  }

  #layoutOf(type: CompositeType): Layout {
    switch (type.kind) {
      case 'list':
        return POINTER_AND_LENGTH
      case 'record':
        return this.#consecutive(type.fields.map(([, each]) => each))
      case 'tuple':
        return this.#consecutive(type.items)
      case 'flags':
        return { ...(type.names.length <= 8 ? BYTE : type.names.length <= 16 ? HALF : WORD), flat: ['i32'] }
      default:
        return this.#choice(casesOf(type))
    }
  }

  #consecutive(types: readonly TypeReference[]): Layout {
    const { size, alignment } = this.places(types)
    return { size, alignment, flat: cut(types.flatMap((each) => this.of(each).flat)) }
  }

  #choice(cases: readonly Case[]): Layout {
    const bytes = caseBytes(cases.length)
    const payload = this.#payload(cases)
    const alignment = Math.max(bytes, payload.alignment)
    const flat = cut(['i32', ...this.choiceFlat(cases)])
    return { size: alignUp(alignUp(bytes, payload.alignment) + payload.size, alignment), alignment, flat }
  }

  #payload(cases: readonly Case[]): { readonly size: number; readonly alignment: number } {
    const layouts = cases.flatMap(([, type]) => (type === null ? [] : [this.of(type)]))
    return {
      size: layouts.reduce((most, each) => Math.max(most, each.size), 0),
      alignment: layouts.reduce((most, each) => Math.max(most, each.alignment), 1),
    }
  }
}

/** Returns the cases of a type that is one of several. */
export function casesOf(type: Exclude<CompositeType, { kind: 'list' | 'record' | 'tuple' | 'flags' }>): readonly Case[] {
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
export function caseBytes(count: number): 1 | 2 | 4 {
  return count <= 2 ** 8 ? 1 : count <= 2 ** 16 ? 2 : 4
}

export function alignUp(offset: number, alignment: number): number {
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
