import { describe, expect, it } from 'vitest'
import { inlining } from '../../../src/host/inline/inlined-code.ts'
import { decodeModule } from '../../../src/wasm/decode/decode.ts'
import { RESERVED } from '../../../src/wasm/format/reserved.ts'
import type { Accessor } from '../../../src/wasm/rewrite/inline-call.ts'
import { rewriteModule } from '../../../src/wasm/rewrite/rewrite.ts'
import { assembleWat } from '../../../src/wasm/text/assemble.ts'
import { loopsAroundConstants } from '../../fixtures/wasm/loops-around-constants.ts'

const BATCH = 32
const LIST = 1024
const COLUMN = 4096
const CAPACITY = 100
const FUEL = 1_000_000
const ACCESSORS: ReadonlyMap<number, Accessor> = new Map([
  [0, { access: 'get', type: 'i32', base: COLUMN, capacity: CAPACITY }],
  [1, { access: 'set', type: 'i32', base: COLUMN, capacity: CAPACITY }],
])

interface Driven {
  /** The arguments of `$note`, and the entity's value before the call. */
  readonly notes: number[]
  /** The functions of the module on the stack at the first call of `$note`. */
  readonly frames: number
  readonly column: Int32Array
  /** The indices in the list of the current entity and of the end. */
  readonly at: number
  readonly fuel: number
  readonly depth: number
  readonly error: unknown
}

interface Drive {
  readonly entities?: readonly number[]
  readonly dt?: number
  readonly type?: 'f32' | 'f64'
  readonly more?: string
  readonly fuel?: number
  /** The call of `$note` that interrupts the script. */
  readonly interruptAt?: number
}

/** Returns a rewritten module with an `update` with these instructions. Its last function is the driver. */
async function rewriteUpdate(body: string, { type = 'f32', more = '' }: Drive = {}): Promise<Uint8Array<ArrayBuffer>> {
  const wat = `(module
    (import "a" "get" (func $get (param i32) (result i32))) (import "a" "set" (func $set (param i32 i32)))
    (import "a" "note" (func $note (param f64))) (import "a" "thing" (func $thing (result externref)))
    ${more}
    (func (export "update") (param $e i32) (param $dt ${type}) ${body}))`
  const module = decodeModule(await assembleWat(wat, 'update.wat'))
  return rewriteModule(module, { memoryPages: 1, tableElements: 10, jsonBytes: 0, inlining: inlining(ACCESSORS, BATCH) }).bytes
}

/** Drives such an `update` over a list in a hand-made memory. */
async function drive(body: string, options: Drive = {}): Promise<Driven> {
  const { entities = [5, 3, 9, 7], dt = 2, fuel = FUEL, interruptAt } = options
  const bytes = await rewriteUpdate(body, options)
  const memory = new WebAssembly.Memory({ initial: 1 })
  const words = new Uint32Array(memory.buffer)
  words.set(entities, LIST / 4)
  words.set([LIST, LIST + 4 * entities.length, 0], BATCH / 4)
  const notes: number[] = []
  let frames = 0
  const note = (value: number): void => {
    if (notes.length === 0) frames = new Set(String(new Error().stack).match(/wasm-function\[\d+\]/g)).size
    notes.push(value)
    if (value === interruptAt) words[BATCH / 4 + 2] = 1
  }
  const never = (): never => {
    throw new Error('an accessor was called')
  }
  const imports = { a: { get: never, set: never, note, thing: () => 'thing' }, [RESERVED.module]: { [RESERVED.hostMemory]: memory } }
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports as unknown as WebAssembly.Imports)
  const fuelLeft = exports[RESERVED.fuel] as WebAssembly.Global<'i32'>
  fuelLeft.value = fuel
  let error: unknown
  try {
    ;(exports[RESERVED.driver] as (entity: number, dt: number) => void)(0, dt)
  } catch (thrown) {
    error = thrown
  }
  return {
    notes,
    frames,
    column: new Int32Array(memory.buffer, COLUMN, CAPACITY),
    at: ((words[BATCH / 4] as number) - LIST) / 4,
    fuel: fuel - fuelLeft.value,
    depth: (exports[RESERVED.depth] as WebAssembly.Global<'i32'>).value,
    error,
  }
}

const NOTE = '(call $note (f64.convert_i32_s (local.get $e)))'
const note = (value: string): string => `(call $note (f64.convert_i32_s ${value}))`
/** Bodies of `update` that are called, because inlining them would be too large or wrong. */
const CALLING: readonly [string, string, string][] = [
  ['a large body', '', 'nop '.repeat(5000)],
  ['many locals', `(local ${'i64 '.repeat(70)})`, ''],
  ['a handler of exceptions', '', '(try (do (nop)) (catch_all))'],
  ['a tail call, behind a branch', '', '(block (br_if 0 (i32.const 1)) (return_call $nothing))'],
]
const NOTHING = '(func $nothing)'

describe('the driver of update', () => {
  it('runs update on each entity of the list in order', async () => {
    expect(await drive(NOTE)).toMatchObject({ notes: [5, 3, 9, 7], at: 4, error: undefined, frames: 1 })
    expect(await drive(NOTE, { entities: [1] })).toMatchObject({ notes: [1], at: 1 })
    const many = Array.from({ length: 700 }, (_, index) => (index * 7) % 97)
    expect((await drive(NOTE, { entities: many })).notes).toEqual(many)
  })

  it('reads and writes the columns of each entity', async () => {
    const { column } = await drive(
      '(call $set (local.get $e) (i32.add (call $get (local.get $e)) (i32.mul (local.get $e) (i32.const 11))))',
      {
        entities: [1, 2, 2, 99],
      },
    )
    expect([0, 1, 2, 3, 98, 99].map((entity) => column[entity])).toEqual([0, 11, 44, 0, 0, 1089])
  })

  it('sets the constants of update before its loop', async () => {
    const scaled = '(f64.mul (f64.convert_i32_s (local.get $e)) (f64.const 1.5))'
    const body = `(call $note ${scaled}) (loop (call $note (f64.add ${scaled} (f64.const 0.25))))`
    expect((await drive(body, { entities: [1, 2] })).notes).toEqual([1.5, 1.75, 3, 3.25])
    expect(loopsAroundConstants(await rewriteUpdate(body), -1)).toEqual([0, 0])
  })

  it.each(['f32', 'f64'] as const)('passes a dt of %s to each run, even if earlier runs write it', async (type) => {
    const promoted = type === 'f32' ? '(f64.promote_f32 (local.get $dt))' : '(local.get $dt)'
    const twice = `(call $note ${promoted}) (local.set $dt (${type}.mul (local.get $dt) (${type}.const 10))) (call $note ${promoted})`
    expect((await drive(twice, { type, dt: 0.5, entities: [1, 2] })).notes).toEqual([0.5, 5, 0.5, 5])
    const tee = `(drop (local.tee $dt (${type}.const 3))) (call $note ${promoted})`
    expect((await drive(tee, { type, dt: 0.5, entities: [1, 2] })).notes).toEqual([3, 3])
    expect((await drive(`(call $note ${promoted})`, { type, dt: 0.1, entities: [1] })).notes).toEqual([
      type === 'f32' ? Math.fround(0.1) : 0.1,
    ])
  })

  it('passes the entity to each run, even if earlier runs write it', async () => {
    const writing = `(local.set $e (i32.add (local.get $e) (i32.const 90))) ${NOTE}`
    expect((await drive(writing)).notes).toEqual([95, 93, 99, 97])
    const { error, at } = await drive(`(local.set $e (i32.add (local.get $e) (i32.const 92))) (drop (call $get (local.get $e)))`)
    expect(error).toBeInstanceOf(WebAssembly.RuntimeError)
    expect(at).toBe(2)
  })

  it('starts each run with zeroed locals of every type', async () => {
    const locals = `(local $i i32) (local $l i64) (local $f f32) (local $d f64) (local $v v128) (local $r funcref) (local $x externref)
      (local $last i32) (local $many i32) (local i32 i32) (local $other i64)`
    const isZero = [
      '(i32.eqz (local.get $i))',
      '(i64.eqz (local.get $l))',
      '(i32.eqz (i32.reinterpret_f32 (local.get $f)))',
      '(i64.eqz (i64.reinterpret_f64 (local.get $d)))',
      '(i32.eqz (v128.any_true (local.get $v)))',
      '(ref.is_null (local.get $r))',
      '(ref.is_null (local.get $x))',
      '(i32.eqz (local.get $last))',
      '(i64.eqz (local.get $other))',
    ]
    const dirty = `(local.set $i (i32.const -1)) (local.set $l (i64.const -1)) (local.set $f (f32.const -0)) (local.set $d (f64.const -0))
      (local.set $v (v128.const i64x2 0 1)) (local.set $r (ref.func $nothing)) (local.set $x (call $thing)) (local.set $last (i32.const 7))
      (local.set $other (i64.const 5))`
    const body = `${locals} ${isZero.map(note).join(' ')} ${dirty} ${note('(i32.sub (i32.const 5) (ref.is_null (local.get $r)))')}`
    for (const [, more, slow] of [['', '', ''] as const, ...CALLING]) {
      const { notes } = await drive(`${more} ${body} ${slow}`, { entities: [1, 2, 3], more: `${NOTHING} (elem declare func $nothing)` })
      expect(notes).toEqual(Array.from({ length: 3 }, () => [...isZero.map(() => 1), 5]).flat())
    }
  })

  it.each([
    ['return', `${NOTE} (return) ${NOTE}`],
    ['return with operands left', `${NOTE} (i32.const 1) (f64.const 2) (return)`],
    ['return from blocks and loops', `${NOTE} (block (loop (if (i32.const 1) (then (block (return)))))) ${NOTE}`],
    ['br to the label of the function', `${NOTE} (br 0) ${NOTE}`],
    ['br to it from within', `${NOTE} (block (loop (block (br 3)))) ${NOTE}`],
    ['br_if to it', `${NOTE} (loop (br_if 1 (local.get $e)) (br 0))`],
    ['br_if to it that is not taken', '(br_if 0 (i32.const 0)) NOTE'.replace('NOTE', NOTE)],
    ['br_table to it', `${NOTE} (block (block (br_table 0 1 2 (i32.const 2)))) ${NOTE}`],
    ['br_table to it by default', `${NOTE} (block (br_table 0 0 1 (local.get $e))) ${NOTE}`],
  ])('continues with the next entity after %s', async (_, body) => {
    expect(await drive(body)).toMatchObject({ notes: [5, 3, 9, 7], at: 4, error: undefined })
    for (const [, more, slow] of CALLING) expect((await drive(`${more} ${slow} ${body}`, { more: NOTHING })).notes).toEqual([5, 3, 9, 7])
  })

  it.each(CALLING)('calls update with %s, with the same result', async (_, locals, slow) => {
    const body = `${note('(local.get $seen)')} (local.set $seen (i32.const 1)) ${NOTE} (call $set (local.get $e) (local.get $e))`
    const called = await drive(`(local $seen i32) ${locals} ${slow} ${body}`, { more: NOTHING })
    const written = await drive(`(local $seen i32) ${body}`)
    expect([written.frames, called.frames]).toEqual([1, 2])
    expect({ ...called, frames: 0, fuel: 0 }).toEqual({ ...written, frames: 0, fuel: 0 })
  })

  it.each([
    ['inlined into the loop', ''],
    ['called', 'nop '.repeat(5000)],
  ])('burns exactly the fuel of the runs if update is %s', async (_, slow) => {
    const body = `${slow} (local $n i32) (local.set $n (local.get $e)) (loop $l (local.set $n (i32.sub (local.get $n) (i32.const 1))) (br_if $l (local.get $n)))`
    const fuel = await Promise.all(
      [[1], [2], [4], [1, 2, 4]].map(async (entities) => (await drive(body.replace(slow, '') + slow, { entities })).fuel),
    )
    expect((fuel[0] as number) + (fuel[1] as number) + (fuel[2] as number)).toBe(fuel[3])
    expect((fuel[1] as number) - (fuel[0] as number)).toBe(6)
  })

  it('ends when the fuel is used up and reports the entity', async () => {
    for (let fuel = 1; fuel < 30; fuel++) {
      const { notes, at, error } = await drive(NOTE, { fuel })
      const runs = Math.floor(fuel / 4)
      expect([notes.length, at]).toEqual(runs >= 4 ? [4, 4] : [runs, runs])
      expect(error === undefined).toBe(runs >= 4)
    }
  })

  it('leaves the address of the entity after a trap', async () => {
    for (const slow of ['', ...CALLING.map(([, locals, code]) => `${locals} ${code}`)]) {
      const body = `${slow} ${NOTE} (if (i32.eq (local.get $e) (i32.const 9)) (then (drop (i32.div_u (i32.const 1) (i32.const 0)))))`
      const { notes, at, error } = await drive(body, { more: NOTHING })
      expect(error).toBeInstanceOf(WebAssembly.RuntimeError)
      expect([notes, at]).toEqual([[5, 3, 9], 2])
    }
    const beyond = await drive(`(if (i32.eq (local.get $e) (i32.const 9)) (then (drop (call $get (i32.const ${CAPACITY})))))`)
    expect([beyond.at, beyond.error]).toEqual([2, expect.any(WebAssembly.RuntimeError)])
  })

  it('stops after the entity that was interrupted and reports the next', async () => {
    for (const slow of ['', ...CALLING.map(([, locals, code]) => `${locals} ${code}`)]) {
      expect(await drive(`${slow} ${NOTE}`, { interruptAt: 3, more: NOTHING })).toMatchObject({ notes: [5, 3], at: 2, error: undefined })
      expect(await drive(`${slow} ${NOTE}`, { interruptAt: 7, more: NOTHING })).toMatchObject({ notes: [5, 3, 9, 7], at: 4 })
    }
  })

  it('counts the depth of calls from 0 in each run', async () => {
    const more = '(func $deep (param i32) (if (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1))))))'
    for (const slow of ['', 'nop '.repeat(5000)]) {
      const { at, error, notes } = await drive(`${slow} (call $deep (i32.const 2000)) ${NOTE}`, { more, entities: [1, 2, 3, 4, 5] })
      expect([at, error, notes.length]).toEqual([5, undefined, 5])
      expect((await drive(`${slow} (call $deep (i32.const 3000))`, { more })).at).toBe(0)
    }
  })
})

describe('a module', () => {
  const drives = async (update: string): Promise<boolean> => {
    const module = decodeModule(await assembleWat(`(module ${update})`, 'update.wat'))
    const { bytes } = rewriteModule(module, { memoryPages: 1, tableElements: 1, jsonBytes: 0, inlining: inlining(new Map(), BATCH) })
    return decodeModule(bytes).exports.some(({ name }) => name === RESERVED.driver)
  }

  it('has a driver if it defines an update of the right type', async () => {
    expect(await drives('(func (export "update") (param i32 f32))')).toBe(true)
    expect(await drives('(func (export "update") (param i32 f64))')).toBe(true)
    expect(await drives('(func (export "tick") (param i32 f32))')).toBe(false)
    expect(await drives('(func (export "update") (param i32 i32))')).toBe(false)
    expect(await drives('(func (export "update") (param i32 f32) (result i32) (i32.const 1))')).toBe(false)
    expect(await drives('(import "a" "b" (func $b (param i32 f32))) (export "update" (func $b))')).toBe(false)
  })
})
