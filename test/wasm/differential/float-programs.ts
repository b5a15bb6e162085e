import type { SeededRandom } from './random.ts'

type Type = 'i32' | 'i64' | 'f32' | 'f64' | 'v128'
type Rule = readonly [result: Type, name: string, ...operands: Type[]]

const FLOATS: readonly Type[] = ['f32', 'f64', 'v128']
const TYPES: readonly Type[] = ['i32', 'i64', 'f32', 'f64', 'v128']
const LOCALS = 3
const STATEMENTS = 12
const WORDS = 200
const DEPTH = 3

const both = (operations: string, operands: number): Rule[] =>
  (['f32', 'f64'] as const).flatMap((type) =>
    operations.split(' ').map((name): Rule => [type, `${type}.${name}`, ...Array<Type>(operands).fill(type)]),
  )
const lanes = (operations: string, operands: number): Rule[] =>
  ['f32x4', 'f64x2'].flatMap((shape) =>
    operations.split(' ').map((name): Rule => ['v128', `${shape}.${name}`, ...Array<Type>(operands).fill('v128')]),
  )

const RULES: readonly Rule[] = [
  ...both('add sub mul div min max copysign', 2),
  ...both('sqrt ceil floor trunc nearest neg abs', 1),
  ...lanes('add sub mul div min max pmin pmax eq lt', 2),
  ...lanes('sqrt ceil floor trunc nearest neg abs', 1),
  ['f32', 'f32.demote_f64', 'f64'],
  ['f64', 'f64.promote_f32', 'f32'],
  ['f32', 'f32.convert_i32_s', 'i32'],
  ['f64', 'f64.convert_i64_u', 'i64'],
  ['f32', 'f32.reinterpret_i32', 'i32'],
  ['f64', 'f64.reinterpret_i64', 'i64'],
  ['i32', 'i32.reinterpret_f32', 'f32'],
  ['i64', 'i64.reinterpret_f64', 'f64'],
  ['i32', 'f32.lt', 'f32', 'f32'],
  ['i32', 'f64.ne', 'f64', 'f64'],
  ['i32', 'i32.trunc_sat_f32_s', 'f32'],
  ['i32', 'i32.wrap_i64', 'i64'],
  ['i64', 'i64.extend_i32_u', 'i32'],
  ['i32', 'i32.rotl', 'i32', 'i32'],
  ['i64', 'i64.xor', 'i64', 'i64'],
  ['v128', 'f32x4.splat', 'f32'],
  ['v128', 'f64x2.splat', 'f64'],
  ['v128', 'f32x4.replace_lane 2', 'v128', 'f32'],
  ['v128', 'f64x2.replace_lane 1', 'v128', 'f64'],
  ['f32', 'f32x4.extract_lane 1', 'v128'],
  ['f64', 'f64x2.extract_lane 0', 'v128'],
  ['v128', 'f32x4.demote_f64x2_zero', 'v128'],
  ['v128', 'f64x2.promote_low_f32x4', 'v128'],
  ['v128', 'i32x4.trunc_sat_f32x4_s', 'v128'],
  ['v128', 'i32x4.trunc_sat_f64x2_u_zero', 'v128'],
  ['v128', 'f32x4.convert_i32x4_s', 'v128'],
  ['v128', 'v128.xor', 'v128', 'v128'],
  ['v128', 'v128.bitselect', 'v128', 'v128', 'v128'],
  ['v128', 'i64x2.add', 'v128', 'v128'],
  ['i32', 'i32x4.bitmask', 'v128'],
]

const CONSTANTS: Readonly<Record<Type, readonly string[]>> = {
  i32: ['0', '1', '-1', '0x7f800001', '0xff812345'],
  i64: ['0', '-4', '7', '0xfff0000000000001'],
  f32: ['0', '-0', '1', '-2.5', 'inf', '-inf', 'nan', '-nan', 'nan:0x2abcde', '-nan:0x400001'],
  f64: ['0', '-0', '3', '-0.5', 'inf', '-inf', 'nan', '-nan', 'nan:0x4000000000001', '-nan:0x123'],
  v128: ['f32x4 0 -1 inf nan', 'f64x2 -inf 0', 'f64x2 -nan:0x77 -nan', 'i32x4 0x7f800001 0xffffffff 0 1', 'i64x2 0 0'],
}

const NAN: Readonly<Partial<Record<Type, string>>> = {
  f32: '(f32.div (f32.const 0) (f32.const 0))',
  f64: '(f64.sqrt (f64.const -1))',
  v128: '(f32x4.sub (v128.const f32x4 inf 1 inf 1) (v128.const f32x4 inf 1 inf 1))',
}

/** Writes programs that calculate with NaN and look at its bits in every way. */
export class FloatPrograms {
  readonly #random: SeededRandom

  constructor(random: SeededRandom) {
    this.#random = random
  }

  module(): string {
    const functions = [0, 1, 2].map((index) => this.#function(index))
    return `(module (memory 1) (global $f32 (mut f32) (f32.const -nan:0x99)) (global $f64 (mut f64) (f64.const 1)) (global $v128 (mut v128) (v128.const i64x2 0 0))
      (table funcref (elem $g0 $g1 $g2)) (type $any (func (param f32 f64 v128) (result f64)))
      ${functions.join('\n')}
      (func (export "run") (param f32 f64) (result f64) (call $g0 (local.get 0) (local.get 1) (v128.const i64x2 5 6))))`
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[this.#random.below(items.length)] as Item
  }

  #address(): number {
    return 8 * this.#random.below(WORDS)
  }

  #local(type: Type): string {
    return `$${type}${this.#random.below(LOCALS)}`
  }

  /** Functions call those after them only. */
  #function(index: number): string {
    const locals = TYPES.flatMap((type) =>
      Array.from({ length: LOCALS }, (_, local) => `$${type}${local}`)
        .filter((name) => !['$f320', '$f640', '$v1280'].includes(name))
        .map((name) => `(local ${name} ${type})`),
    )
    const body = Array.from({ length: STATEMENTS }, () => this.#statement(index, 2)).join('\n')
    return `(func $g${index} (param $f320 f32) (param $f640 f64) (param $v1280 v128) (result f64) ${locals.join(' ')} (local $left i32)
      (local.set $left (i32.const 3)) (loop $again ${body} (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
      ${this.#value('f64', index, DEPTH)})`
  }

  #statement(index: number, depth: number): string {
    const type = this.#pick(FLOATS)
    const value = this.#value(type, index, DEPTH)
    switch (this.#random.below(depth > 0 ? 6 : 4)) {
      case 0:
        return `(${type}.store (i32.const ${this.#address()}) ${value})`
      case 1:
        return this.#random.below(3) === 0
          ? `(global.set $${type} ${value})`
          : `(local.set ${this.#local(type)} (local.get ${this.#local(type)}))`
      case 4:
        return `(if ${this.#value('i32', index, 2)} (then ${this.#statement(index, depth - 1)}) (else ${this.#statement(index, depth - 1)}))`
      case 5:
        return `(block $out (br_if $out ${this.#value('i32', index, 2)}) ${this.#statement(index, depth - 1)})`
      default:
        return `(local.set ${this.#local(type)} ${value})`
    }
  }

  #value(type: Type, index: number, depth: number): string {
    const chance = depth <= 0 ? this.#random.below(3) : this.#random.below(14)
    if (chance === 0) return `(${type}.const ${this.#pick(CONSTANTS[type])})`
    if (chance === 1) return `(local.get ${this.#local(type)})`
    if (chance === 2) return `(${type}.load (i32.const ${this.#address()}))`
    const value = (of: Type): string => this.#value(of, index, depth - 1)
    if (chance === 3) return `(local.tee ${this.#local(type)} ${value(type)})`
    if (chance === 4) return `(block (result ${type}) ${value(type)})`
    if (chance === 5) {
      const [one, other, condition] = [value(type), value(type), value('i32')]
      return type === 'v128' ? `(select (result v128) ${one} ${other} ${condition})` : `(select ${one} ${other} ${condition})`
    }
    if (chance === 6 && !type.startsWith('i')) return `(global.get $${type})`
    if (chance === 7 && type === 'f64' && index < 2) {
      const args = `${value('f32')} ${value('f64')} ${value('v128')}`
      return this.#random.below(2) === 0 ? `(call $g${index + 1} ${args})` : `(call_indirect (type $any) ${args} (i32.const ${index + 1}))`
    }
    if (chance === 8 && !type.startsWith('i')) return NAN[type] as string
    const [, name, ...operands] = this.#pick(RULES.filter(([result]) => result === type))
    return `(${name} ${operands.map(value).join(' ')})`
  }
}
