import { SeededRandom } from '../../wasm/differential/random.ts'

type Type = 'i32' | 'f32' | 'f64'

/** The columns that updates read and write. */
export const UPDATE_COLUMNS = {
  A: { f: 'f32', g: 'f32', d: 'f64', b: 'i8', u: 'u8' },
  B: { h: 'i16', w: 'u16', i: 'i32', n: 'u32', o: 'eid' },
} as const

const TYPE_OF: Readonly<Record<string, Type>> = {
  ...{ 'A.f': 'f32', 'A.g': 'f32', 'A.d': 'f64', 'A.b': 'i32', 'A.u': 'i32' },
  ...{ 'B.h': 'i32', 'B.w': 'i32', 'B.i': 'i32', 'B.n': 'i32', 'B.o': 'i32' },
}
/** The components that updates ask about, add and remove. The first is a tag. */
const ASKED = ['T', 'A', 'B'] as const
const COLUMNS = Object.keys(TYPE_OF)
const TYPES: readonly Type[] = ['i32', 'f32', 'f64']
const LOCALS: Readonly<Record<Type, number>> = { i32: 4, f32: 3, f64: 2 }
/** The entity, its `dt`, and a counter of loops come before the other locals. */
const FUNCTIONS = 2
const COUNTERS = 3
const INTEGERS = [0, 1, 2, 3, 7, 8, 31, 32, -1, -2, 255, 256, 65_535, -128, 2_147_483_647, -2_147_483_648]
const FLOATS = ['0', '-0', '1', '-1', '0.5', '3.25', '-100.75', '1e10', '-3e9', '1e-40', 'inf', '-inf', 'nan', '2147483648', '4294967296']

const BINARY: Readonly<Record<Type, readonly string[]>> = {
  i32: ['add', 'sub', 'mul', 'and', 'or', 'xor', 'shl', 'shr_s', 'shr_u', 'rotl', 'rotr'],
  f32: ['add', 'sub', 'mul', 'div', 'min', 'max', 'copysign'],
  f64: ['add', 'sub', 'mul', 'div', 'min', 'max', 'copysign'],
}
const UNARY: Readonly<Record<Type, readonly string[]>> = {
  i32: ['i32.clz', 'i32.ctz', 'i32.popcnt', 'i32.eqz', 'i32.extend8_s', 'i32.extend16_s'],
  f32: ['f32.abs', 'f32.neg', 'f32.ceil', 'f32.floor', 'f32.trunc', 'f32.nearest', 'f32.sqrt'],
  f64: ['f64.abs', 'f64.neg', 'f64.ceil', 'f64.floor', 'f64.trunc', 'f64.nearest', 'f64.sqrt'],
}
const CONVERSIONS: Readonly<Record<Type, readonly (readonly [string, Type])[]>> = {
  i32: [
    ['i32.trunc_sat_f32_s', 'f32'],
    ['i32.trunc_sat_f32_u', 'f32'],
    ['i32.trunc_sat_f64_s', 'f64'],
    ['i32.trunc_sat_f64_u', 'f64'],
    ['i32.reinterpret_f32', 'f32'],
  ],
  f32: [
    ['f32.convert_i32_s', 'i32'],
    ['f32.convert_i32_u', 'i32'],
    ['f32.demote_f64', 'f64'],
    ['f32.reinterpret_i32', 'i32'],
  ],
  f64: [
    ['f64.convert_i32_s', 'i32'],
    ['f64.convert_i32_u', 'i32'],
    ['f64.promote_f32', 'f32'],
  ],
}
const TRUNCATIONS: readonly (readonly [string, Type])[] = [
  ['i32.trunc_f32_s', 'f32'],
  ['i32.trunc_f32_u', 'f32'],
  ['i32.trunc_f64_s', 'f64'],
  ['i32.trunc_f64_u', 'f64'],
]
const DIVISIONS = ['div_s', 'div_u', 'rem_s', 'rem_u']
const INTEGER_TESTS = ['eq', 'ne', 'lt_s', 'lt_u', 'gt_s', 'gt_u', 'le_s', 'le_u', 'ge_s', 'ge_u']
const FLOAT_TESTS = ['eq', 'ne', 'lt', 'gt', 'le', 'ge']

/** Returns whether the module of a seed has a loop of `tick` instead of an `update`. */
export function isLoop(seed: number): boolean {
  return seed % 3 === 2
}

/** Returns whether the update of a seed also sums up fields of other entities in a loop. */
function hasSums(seed: number): boolean {
  return !isLoop(seed) && [3, 4].includes(seed % 7)
}

/** The query over whose result loops go. */
export const LOOP_QUERY = 'A'

/** Writes a random `update`, or a loop of `tick` over a query result: columns of every type, branches, loops, calls, traps, and what groups leave for. */
export function randomUpdate(seed: number): string {
  return new UpdateWriter(new SeededRandom(seed)).module({ isLoop: isLoop(seed), hasSums: hasSums(seed) })
}

class UpdateWriter {
  readonly #random: SeededRandom
  /** Whether rare instructions are used at all: most updates without them run as vectors. */
  readonly #isWild: boolean
  readonly #dt: Type
  /** One in so many conditions asks about a component. */
  #asks: number
  /** What a number that is mostly random is masked by, to be one of so many. */
  readonly #rarity: number
  /** The labels of the open blocks, with whether they are loops. */
  #labels: string[] = []
  #counters = 0
  #names = 0
  #isUpdate = true
  #isTick = false
  #size = 0

  constructor(random: SeededRandom) {
    this.#random = random
    this.#isWild = random.below(3) === 0
    this.#dt = random.below(2) === 0 ? 'f32' : 'f64'
    this.#asks = random.below(3) === 0 ? 2 : 12
    this.#rarity = [15, 63, 127][random.below(3)] as number
  }

  module({ isLoop, hasSums }: { readonly isLoop: boolean; readonly hasSums: boolean }): string {
    // Loops leave to ask about components.
    if (isLoop) this.#asks = 200
    const imports = COLUMNS.flatMap((name) => [
      `(import "ecs.get" "${name}" (func $get_${name} (param i32) (result ${TYPE_OF[name]})))`,
      `(import "ecs.set" "${name}" (func $set_${name} (param i32 ${TYPE_OF[name]})))`,
    ])
    for (const name of ASKED) {
      imports.push(`(import "ecs.has" "${name}" (func $has_${name} (param i32) (result i32)))`)
      imports.push(`(import "ecs.add" "${name}" (func $add_${name} (param i32)))`)
      imports.push(`(import "ecs.remove" "${name}" (func $remove_${name} (param i32)))`)
    }
    imports.push(`(import "ecs.query" "${LOOP_QUERY}" (func $query (result i32)))`)
    imports.push(`(import "ecs.entity" "${LOOP_QUERY}" (func $entity (param i32) (result i32)))`)
    this.#isUpdate = false
    const functions = Array.from({ length: FUNCTIONS }, (_, index) => this.#function(index))
    this.#isUpdate = true
    this.#size = 0
    return `(module
  (import "game" "note" (func $note (param i32 f32)))
  (import "game" "change" (func $change (param i32 i32)))
  (import "math" "sin" (func $sin (param f64) (result f64)))
  (import "host" "time" (func $time (result f64)))
  (import "host" "tick" (func $tick (result i32)))
  ${imports.join('\n  ')}
  ${this.#isWild ? '(memory 1)' : ''}
  (global $count (mut i32) (i32.const 0))
  (global $scale (mut f32) (f32.const 1.5))
  (global $fixed f64 (f64.const 0.25))
  ${functions.join('\n  ')}
  ${isLoop ? this.#tick() : this.#update(hasSums)})`
  }

  #update(hasSums: boolean): string {
    const statements = this.#statements(6 + this.#random.below(10), 3)
    const sums = hasSums ? this.#sums() : ''
    return `${hasSums ? `(func (export "tick") (param $dt ${this.#dt}) (drop (call $query)))` : ''}
    (func (export "update") (param $e i32) (param $dt ${this.#dt})
    ${this.#locals()}
    ${this.#isOne(2) ? `${sums} ${statements}` : `${statements} ${sums}`})`
  }

  /** Writes a loop that sums up fields of entities which follow each other in the query result, or by their ids. */
  #sums(): string {
    const [index, other] = ['$i32_0', '$i32_1']
    const size = 3 + this.#random.below(40)
    const first = this.#pick([
      `(i32.rem_u (i32.mul (local.get $e) (i32.const ${this.#random.below(12)})) (i32.const ${size}))`,
      `(i32.and (i32.add (local.get $e) (i32.const ${this.#random.below(40)})) (i32.const 31))`,
      '(i32.and (call $get_B.o (local.get $e)) (i32.const 31))',
    ])
    const at = this.#pick([`(call $entity (local.get ${index}))`, `(local.get ${index})`])
    const sums = Array.from({ length: 1 + this.#random.below(4) }, () => {
      const [local, column, names] = this.#pick([
        ['$f32_0', this.#pick(['A.f', 'A.g']), ['f32.add', 'f32.sub', 'f32.mul', 'f32.div']],
        ['$f32_1', this.#pick(['A.f', 'A.g']), ['f32.add', 'f32.sub', 'f32.mul', 'f32.max']],
        ['$i32_2', this.#pick(['B.i', 'B.w', 'B.h', 'A.u']), ['i32.add', 'i32.xor', 'i32.mul', 'i32.rem_s']],
        ['$f64_0', 'A.d', ['f64.add', 'f64.mul']],
      ] as const)
      return `(local.set ${local} (${this.#pick(names)} (local.get ${local}) (call $get_${column} (local.get ${other}))))`
    })
    const test = `(i32.${this.#pick(['eq', 'ge_u', 'ge_s'])} (local.get ${index}) (i32.const ${size}))`
    const wrap = this.#isOne(2)
      ? `(if ${test} (then (local.set ${index} (i32.const 0))))`
      : `(local.set ${index} (select (i32.const 0) (local.get ${index}) ${test}))`
    const rounds = 1 + this.#random.below(6)
    return `(local.set ${index} ${first}) (local.set $n0 (i32.const ${rounds})) (loop $sums
      (local.set ${other} ${at}) ${sums.join(' ')}
      (local.set ${index} (i32.add (local.get ${index}) (i32.const 1))) ${wrap}
      (local.set $n0 (i32.sub (local.get $n0) (i32.const 1)))
      (br_if $sums (local.get $n0)))
      (call $set_A.f (local.get $e) (f32.add (local.get $f32_0) (local.get $f32_1)))
      (call $set_A.d (local.get $e) (local.get $f64_0)) (call $set_B.i (local.get $e) (local.get $i32_2))`
  }

  /** Writes a loop over a query result, from its start or its end. Mostly, no round leaves anything to the next. */
  #tick(): string {
    const isDown = this.#isOne(2)
    this.#isTick = !this.#isOne(8)
    const body = this.#statements(4 + this.#random.below(8), 2)
    const zeros = TYPES.flatMap((type) =>
      Array.from({ length: LOCALS[type] }, (_, index) => `(local.set $${type}_${index} (${type}.const 0))`),
    )
    const step = `(local.set $i (i32.${this.#isOne(2) ? `add (local.get $i) (i32.const ${isDown ? -1 : 1})` : `sub (local.get $i) (i32.const ${isDown ? 1 : -1})`}))`
    // Some rounds may read what the one before left in a local.
    const round = `${zeros.filter(() => !this.#isOne(40)).join(' ')} ${body}`
    const first = isDown ? '(call $query)' : '(i32.const 0)'
    const entity = '(local.set $e (call $entity (local.get $i)))'
    const test = isDown ? '(i32.eqz (local.get $i))' : `(i32.${this.#pick(['ge_u', 'ge_s', 'eq'])} (local.get $i) (local.get $count))`
    const more = isDown ? '(local.get $i)' : '(i32.lt_s (local.get $i) (local.get $count))'
    const loop = this.#isOne(2)
      ? `(block $done (loop $next (br_if $done ${test}) ${isDown ? `${step} ${entity}` : entity} ${round} ${isDown ? '' : step} (br $next)))`
      : `(if ${more} (then (loop $next (local.get $i) (drop) ${isDown ? `${step} ${entity}` : entity} ${round} ${isDown ? '' : step} (br_if $next ${more}))))`
    return `(func (export "tick") (param $dt ${this.#dt})
    (local $e i32) (local $i i32) (local $count i32) ${this.#locals()}
    (local.set $count (call $query))
    (local.set $i ${first})
    ${loop}
    (call $note (local.get $i) (global.get $scale)))`
  }

  #locals(): string {
    const named = TYPES.flatMap((type) => Array.from({ length: LOCALS[type] }, (_, index) => `(local $${type}_${index} ${type})`))
    const counters = Array.from({ length: COUNTERS }, (_, index) => `(local $n${index} i32)`)
    return [...named, ...counters].join(' ')
  }

  #function(index: number): string {
    this.#labels = []
    this.#counters = 0
    this.#size = 0
    const result = TYPES[index % 3] as Type
    return `(func $call_${result} (param $e i32) (param $a f32) (result ${result})
    ${this.#locals()}
    ${this.#statements(1 + this.#random.below(3), 2)}
    ${this.#expression(result, 3)})`
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[this.#random.below(items.length)] as Item
  }

  #isOne(of: number): boolean {
    return this.#random.below(of) === 0
  }

  #statements(count: number, depth: number): string {
    return Array.from({ length: count }, () => this.#statement(depth)).join('\n    ')
  }

  #statement(depth: number): string {
    if (++this.#size > 250) return '(nop)'
    const choice = this.#random.below(depth > 0 ? 16 : 8)
    if (choice < 4) return this.#set(depth)
    if (choice < 8) {
      const type = this.#pick(TYPES)
      return `(local.set $${type}_${this.#random.below(LOCALS[type])} ${this.#expression(type, 3)})`
    }
    if (choice < 11) {
      const otherwise = this.#isOne(2) ? `(else ${this.#statements(1 + this.#random.below(3), depth - 1)})` : ''
      return `(if ${this.#condition()} (then ${this.#statements(1 + this.#random.below(4), depth - 1)}) ${otherwise})`
    }
    if (choice < 13) return this.#block(depth)
    if (choice === 13 && !this.#isTick && this.#counters < COUNTERS) return this.#loop(depth)
    if (choice === 14) return this.#rare()
    return this.#isUpdate && this.#isOne(3) ? `(if ${this.#condition()} (then (return)))` : this.#set(depth)
  }

  #set(_depth: number): string {
    const name = this.#pick(COLUMNS)
    // The entities that columns hold mostly exist.
    const type = TYPE_OF[name] as Type
    const value = name === 'B.o' ? `(i32.and ${this.#expression('i32', 2)} (i32.const 31))` : this.#expression(type, 3)
    const entity = this.#isWild && this.#isOne(12) ? this.#entity() : '(local.get $e)'
    return `(call $set_${name} ${entity} ${value})`
  }

  #block(depth: number): string {
    const label = `$b${this.#names++}`
    this.#labels.push(label)
    const before = this.#statements(1 + this.#random.below(2), depth - 1)
    const labels = this.#labels.filter((each) => each.startsWith('$b'))
    const branch = this.#isOne(4)
      ? `(br_table ${Array.from({ length: 1 + this.#random.below(3) }, () => this.#pick(labels)).join(' ')} ${this.#expression('i32', 1)})`
      : this.#isOne(5)
        ? `(br ${this.#pick(labels)})`
        : `(br_if ${this.#pick(labels)} ${this.#condition()})`
    const after = this.#statements(1 + this.#random.below(2), depth - 1)
    this.#labels.pop()
    return `(block ${label} ${before} ${branch} ${after})`
  }

  #loop(depth: number): string {
    const counter = `$n${this.#counters++}`
    const label = `$l${this.#names++}`
    const rounds =
      this.#isWild && this.#isOne(4) ? `(i32.and ${this.#expression('i32', 1)} (i32.const 3))` : `(i32.const ${1 + this.#random.below(4)})`
    this.#labels.push(label)
    const body = this.#statements(1 + this.#random.below(2), depth - 1)
    this.#labels.pop()
    return `(local.set ${counter} (i32.const 0)) (loop ${label} ${body}
      (local.set ${counter} (i32.add (local.get ${counter}) (i32.const 1)))
      (br_if ${label} (i32.lt_s (local.get ${counter}) ${rounds})))`
  }

  /** Writes what groups of entities leave for, mostly under a condition. */
  #rare(): string {
    const what = [
      `(call $note ${this.#expression('i32', 1)} ${this.#expression('f32', 1)})`,
      `(global.set $count (i32.add (global.get $count) (i32.const 1)))`,
      `(global.set $scale ${this.#expression('f32', 1)})`,
      `(call $${this.#pick(['add', 'remove'])}_${this.#pick(ASKED)} ${this.#changed()})`,
      `(call $change ${this.#changed()} ${this.#expression('i32', 1)})`,
      ...(this.#isWild ? ['(unreachable)', `(i32.store (i32.const 8) ${this.#expression('i32', 1)})`] : []),
    ]
    const number = this.#isOne(2) ? this.#expression('i32', 2) : `(i32.mul (local.get $e) (i32.const ${1 + 2 * this.#random.below(64)}))`
    return `(if (i32.eq (i32.and ${number} (i32.const ${this.#rarity})) (i32.const 3)) (then ${this.#pick(what)}))`
  }

  /** Writes an entity that may change: its own, or one that runs later, or any. */
  #changed(): string {
    if (this.#isOne(3)) return this.#entity()
    return this.#isOne(3) ? '(local.get $e)' : `(i32.add (local.get $e) (i32.const ${this.#random.below(9)}))`
  }

  #condition(): string {
    if (this.#isOne(this.#asks))
      return `(call $has_${this.#pick(ASKED)} ${this.#isWild && this.#isOne(6) ? this.#entity() : '(local.get $e)'})`
    if (this.#isOne(6)) return this.#expression('i32', 2)
    const type = this.#pick(TYPES)
    const test = this.#pick(type === 'i32' ? INTEGER_TESTS : FLOAT_TESTS)
    return `(${type}.${test} ${this.#expression(type, 2)} ${this.#expression(type, 1)})`
  }

  #entity(): string {
    return this.#isOne(2) ? '(call $get_B.o (local.get $e))' : `(i32.and ${this.#expression('i32', 1)} (i32.const 31))`
  }

  #expression(type: Type, depth: number): string {
    if (++this.#size > 300 || depth === 0 || this.#isOne(5)) return this.#leaf(type)
    const next = (of: Type): string => this.#expression(of, depth - 1)
    switch (this.#random.below(9)) {
      case 0:
        return `(${this.#pick(UNARY[type])} ${next(type)})`
      case 1: {
        const [name, from] = this.#pick(CONVERSIONS[type])
        return `(${name} ${next(from)})`
      }
      case 2:
        return `(select ${next(type)} ${next(type)} ${this.#condition()})`
      case 3:
        return `(if (result ${type}) ${this.#condition()} (then ${next(type)}) (else ${next(type)}))`
      case 4:
        if (type === 'i32') return this.#condition()
        return this.#binary(type, next)
      case 5:
        return this.#unusual(type, next)
      case 6:
        return `(local.tee $${type}_${this.#random.below(LOCALS[type])} ${next(type)})`
      default:
        return this.#binary(type, next)
    }
  }

  #binary(type: Type, next: (of: Type) => string): string {
    return `(${type}.${this.#pick(BINARY[type])} ${next(type)} ${next(type)})`
  }

  /** Writes what may trap, reads other entities, or calls a function. */
  #unusual(type: Type, next: (of: Type) => string): string {
    const choice = this.#random.below(4)
    if (choice === 0) {
      const name = this.#pick(COLUMNS.filter((each) => TYPE_OF[each] === type))
      return `(call $get_${name} ${this.#entity()})`
    }
    if (choice === 1 && this.#isUpdate && type !== 'f64') return `(call $call_${type} (local.get $e) ${next('f32')})`
    if (type !== 'i32') return this.#isWild && type === 'f64' && this.#isOne(3) ? `(call $sin ${next('f64')})` : this.#leaf(type)
    if (choice === 2) {
      const divisor = this.#isOne(2)
        ? `(i32.const ${this.#pick(INTEGERS.slice(1))})`
        : `(i32.or ${next('i32')} (i32.const ${this.#isWild ? 0 : 1}))`
      return `(i32.${this.#pick(DIVISIONS)} ${next('i32')} ${divisor})`
    }
    const [name, from] = this.#pick(TRUNCATIONS)
    return this.#isWild ? `(${name} ${next(from)})` : this.#leaf(type)
  }

  #leaf(type: Type): string {
    switch (this.#random.below(6)) {
      case 0:
        return type === 'i32' ? `(i32.const ${this.#pick(INTEGERS)})` : `(${type}.const ${this.#pick(FLOATS)})`
      case 1:
        if (type === 'i32') return this.#pick(['(global.get $count)', '(local.get $e)', '(local.get $e)', '(call $tick)'])
        return type === 'f32' ? '(global.get $scale)' : this.#pick(['(global.get $fixed)', '(call $time)'])
      case 2:
        if (this.#isUpdate && type === this.#dt) return '(local.get $dt)'
        return `(local.get $${type}_${this.#random.below(LOCALS[type])})`
      case 3:
        return `(local.get $${type}_${this.#random.below(LOCALS[type])})`
      default:
        return `(call $get_${this.#pick(COLUMNS.filter((each) => TYPE_OF[each] === type))} (local.get $e))`
    }
  }
}
