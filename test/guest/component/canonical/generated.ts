import fc from 'fast-check'
import { Layouts } from '../../../../src/guest/component/canonical/layout.ts'
import type { ComponentFunctionType, CompositeType, Primitive, TypeReference } from '../../../../src/guest/component/plan.ts'
import { camelCase } from '../../../../src/guest/component/wit-names.ts'

/** A type of WIT, as it is generated. */
export type Shape =
  | { readonly kind: Primitive }
  | { readonly kind: 'list' | 'option'; readonly of: Shape }
  | { readonly kind: 'tuple' | 'record'; readonly of: readonly Shape[] }
  | { readonly kind: 'variant'; readonly of: readonly (Shape | null)[] }
  | { readonly kind: 'result'; readonly ok: Shape | null; readonly error: Shape | null }
  | { readonly kind: 'flags' | 'enum'; readonly count: number }

const PRIMITIVES = ['bool', 's8', 'u8', 's16', 'u16', 's32', 'u32', 's64', 'u64', 'f32', 'f64', 'char', 'string'] as const
/** What nests to a depth that a variant of variants passes in numbers, and what does not. */
const DEPTH = 3

/** Any type of WIT. */
export const shapes: fc.Arbitrary<Shape> = fc.letrec<{ shape: Shape; leaf: Shape }>((tie) => {
  const optional = fc.option(tie('shape'), { nil: null })
  return {
    leaf: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...PRIMITIVES).map((kind) => ({ kind })) },
      fc.record({ kind: fc.constant('flags' as const), count: fc.constantFrom(1, 8, 9, 16, 17, 32) }),
      fc.record({ kind: fc.constant('enum' as const), count: fc.constantFrom(1, 2, 256, 257) }),
    ),
    shape: fc.oneof(
      { maxDepth: DEPTH },
      tie('leaf'),
      fc.record({ kind: fc.constantFrom('list' as const, 'option' as const), of: tie('shape') }),
      fc.record({ kind: fc.constantFrom('tuple' as const, 'record' as const), of: fc.array(tie('shape'), { minLength: 1, maxLength: 5 }) }),
      fc.record({ kind: fc.constant('variant' as const), of: fc.array(optional, { minLength: 1, maxLength: 4 }) }),
      fc.record({ kind: fc.constant('result' as const), ok: optional, error: optional }),
    ),
  }
}).shape

const name = (prefix: string, index: number): string => `${prefix}-x${index}`
const names = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, index) => name(prefix, index))

/** Several types with their definitions in WIT, and as the plan of a component has them. */
export class Definitions {
  readonly definitions: string[] = []
  readonly names: string[] = []
  readonly types: CompositeType[] = []

  /** Returns a type as WIT writes it where it is used, and its place in the plan. */
  add(shape: Shape): readonly [wit: string, type: TypeReference] {
    const optional = (each: Shape | null): readonly [string, TypeReference | null] => (each === null ? ['_', null] : this.add(each))
    switch (shape.kind) {
      case 'list': {
        const [wit, element] = this.add(shape.of)
        return [`list<${wit}>`, this.#type({ kind: 'list', element })]
      }
      case 'option': {
        const [wit, some] = this.add(shape.of)
        return [`option<${wit}>`, this.#type({ kind: 'option', some })]
      }
      case 'result': {
        const [ok, error] = [optional(shape.ok), optional(shape.error)]
        const wit = shape.error === null ? (shape.ok === null ? 'result' : `result<${ok[0]}>`) : `result<${ok[0]}, ${error[0]}>`
        return [wit, this.#type({ kind: 'result', ok: ok[1], error: error[1] })]
      }
      case 'tuple': {
        const items = shape.of.map((each) => this.add(each))
        return [`tuple<${items.map(([wit]) => wit).join(', ')}>`, this.#type({ kind: 'tuple', items: items.map(([, type]) => type) })]
      }
      case 'record': {
        const fields = shape.of.map((each, index) => [name('field', index), ...this.add(each)] as const)
        const type = this.#type({ kind: 'record', fields: fields.map(([key, , each]) => [key, each]) })
        return [
          this.#define(
            'record',
            fields.map(([key, wit]) => `${key}: ${wit}`),
          ),
          type,
        ]
      }
      case 'variant': {
        const cases = shape.of.map((each, index) => [name('case', index), ...optional(each)] as const)
        const type = this.#type({ kind: 'variant', cases: cases.map(([key, , each]) => [key, each]) })
        return [
          this.#define(
            'variant',
            cases.map(([key, wit, each]) => (each === null ? key : `${key}(${wit})`)),
          ),
          type,
        ]
      }
      case 'flags':
      case 'enum': {
        const own = names(shape.kind, shape.count)
        return [this.#define(shape.kind, own), this.#type({ kind: shape.kind, names: own })]
      }
      default:
        return [shape.kind, shape.kind]
    }
  }

  #type(type: CompositeType): number {
    return this.types.push(type) - 1
  }

  #define(kind: string, parts: readonly string[]): string {
    const own = name('type', this.names.length)
    this.names.push(own)
    this.definitions.push(`${kind} ${own} { ${parts.join(', ')} }`)
    return own
  }
}

/** Returns whether `undefined` is a value of a type. An option of such a type says by a tag which of both it is. */
function isOptional(shape: Shape): boolean {
  return shape.kind === 'option' && !isOptional(shape.of)
}

const UTF16_UNIT = fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit))

/** Values of a type, as a host function takes and gives them. */
export function valuesOf(shape: Shape): fc.Arbitrary<unknown> {
  const chosen = (tag: string, of: Shape | null): fc.Arbitrary<unknown> =>
    of === null ? fc.constant({ tag, val: undefined }) : valuesOf(of).map((val) => ({ tag, val }))
  switch (shape.kind) {
    case 'bool':
      return fc.boolean()
    case 's8':
    case 'u8':
    case 's16':
    case 'u16':
    case 's32':
    case 'u32': {
      const bits = Number(shape.kind.slice(1))
      const isSigned = shape.kind.startsWith('s')
      return fc.integer({ min: isSigned ? -(2 ** (bits - 1)) : 0, max: 2 ** (isSigned ? bits - 1 : bits) - 1 })
    }
    case 's64':
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    case 'u64':
      return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
    case 'f32':
      return fc.float()
    case 'f64':
      return fc.double()
    case 'char':
      return fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })
    case 'string':
      return fc.oneof(
        fc.string({ unit: 'binary', maxLength: 12 }),
        fc.string({ unit: 'binary-ascii' }),
        fc.string({ unit: UTF16_UNIT, maxLength: 5 }),
      )
    case 'list':
      return fc.array(valuesOf(shape.of), { maxLength: 4 })
    case 'option':
      if (isOptional(shape)) return fc.option(valuesOf(shape.of), { nil: undefined })
      return fc.oneof(chosen('none', null), chosen('some', shape.of))
    case 'result':
      return fc.oneof(chosen('ok', shape.ok), chosen('err', shape.error))
    case 'tuple':
      return fc.tuple(...shape.of.map(valuesOf))
    case 'record':
      return fc.record(Object.fromEntries(shape.of.map((each, index) => [camelCase(name('field', index)), valuesOf(each)])))
    case 'variant':
      return fc.oneof(...shape.of.map((each, index) => chosen(name('case', index), each)))
    case 'flags':
      return fc.record(Object.fromEntries(names('flags', shape.count).map((key) => [camelCase(key), fc.boolean()])))
    case 'enum':
      return fc.constantFrom(...names('enum', shape.count))
  }
}

/**
 * Returns a component in WAT and WIT. For each type it imports `sink` and `source` and exports `run`, which passes its value to the sink, and `give`,
 * which returns the value of the source.
 */
export function probe(shapesOf: readonly Shape[]): readonly [wat: string, wit: string] {
  const definitions = new Definitions()
  const used = shapesOf.map((shape) => definitions.add(shape))
  const layouts = new Layouts(definitions.types)
  const functions: string[] = []
  const imports: string[] = []
  for (const [index, [, type]] of used.entries()) {
    const takes: ComponentFunctionType = { params: [['value', type]], result: null }
    const { params = ['i32'] } = layouts.signature(takes)
    const { results } = layouts.signature({ params: [], result: type })
    const list = params.join(' ')
    imports.push(`(import "test:abi/probe" "sink-x${index}" (func $sink${index} (param ${list})))`)
    imports.push(
      `(import "test:abi/probe" "source-x${index}" (func $source${index} ${results === undefined ? '(param i32)' : `(result ${results.join(' ')})`}))`,
    )
    const locals = params.map((_, place) => `(local.get ${place})`).join(' ')
    functions.push(`(func (export "run-x${index}") (param ${list}) (call $sink${index} ${locals}))`)
    functions.push(
      results === undefined
        ? `(func (export "give-x${index}") (result i32) (local $at i32) (local.set $at (call $reserve (i32.const 0) (i32.const 0) (i32.const 8) (i32.const 65536)))
            (call $source${index} (local.get $at)) (local.get $at))`
        : `(func (export "give-x${index}") (result ${results.join(' ')}) (call $source${index}))`,
    )
  }
  const wat = `(module ${imports.join('\n')} ${GROWING} ${functions.join('\n')})`
  const own = used.map(([wit], index) => `sink-x${index}: func(value: ${wit}); source-x${index}: func() -> ${wit};`)
  const exports = used.map(([wit], index) => `export run-x${index}: func(value: ${wit}); export give-x${index}: func() -> ${wit};`)
  const use = definitions.names.length === 0 ? '' : `use probe.{${definitions.names.join(', ')}};`
  return [
    wat,
    `package test:abi;\ninterface probe { ${definitions.definitions.join('\n')} ${own.join('\n')} }\nworld script { import probe; ${use} ${exports.join('\n')} }`,
  ]
}

/** A memory, and an allocator that never frees and begins anew once the memory has 64 pages. */
const GROWING = `(memory (export "memory") 1)
  (global $top (mut i32) (i32.const 1024))
  (func $reserve (export "cabi_realloc") (param i32 i32) (param $align i32) (param $new i32) (result i32) (local $at i32)
    (if (i32.gt_u (global.get $top) (i32.const 4000000)) (then (global.set $top (i32.const 1024))))
    (local.set $at (i32.and (i32.add (global.get $top) (i32.sub (local.get $align) (i32.const 1))) (i32.sub (i32.const 0) (local.get $align))))
    (global.set $top (i32.add (local.get $at) (local.get $new)))
    (loop $grow (if (i32.gt_u (global.get $top) (i32.mul (memory.size) (i32.const 65536))) (then (drop (memory.grow (i32.const 1))) (br $grow))))
    (local.get $at))`
