import { addEntity } from 'bitecs'
import { hashWorld, Snapshot } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { createGame, type Game } from '../fixtures/game.ts'

/** Two NaN that differ in their bits, as engines and processors do. */
const BITS = [0x7fc0_0000, 0xffc1_2345] as const
const CANONICAL = 0x7fc0_0000

const shown = (float: string): string => `(i32.reinterpret_f32 ${float})`
const unsigned = (result: unknown): number => (result as number) >>> 0

/** A NaN of JavaScript with given bits, if the engine keeps them. */
function nanOf(bits: number): number {
  return new Float32Array(Uint32Array.of(bits).buffer)[0] as number
}

async function gameWith(bits: number): Promise<Game> {
  const game = await createGame({
    host: { toy: { one: () => nanOf(bits), two: () => [nanOf(bits), nanOf(bits)] } },
  })
  const { x } = game.components.Position
  const entity = addEntity(game.world, game.components.Position)
  new Uint32Array(x.buffer, x.byteOffset, x.length)[entity] = bits
  return game
}

describe.each(BITS.map((bits) => [bits.toString(16), bits] as const))('a script that is given the NaN %s', (_given, bits) => {
  it.each([
    ['by a column', shown('(call $get (i32.const 1))')],
    [
      'by a column, by way of another',
      `(call $set (i32.const 1) (f32.neg (call $get (i32.const 1)))) ${shown('(call $get (i32.const 1))')}`,
    ],
    ['by a host function', shown('(call $one)')],
    ['by a host function in a table', shown('(call_indirect (result f32) (i32.const 0))')],
    ['by a host function with two results', `(call $two) (local.set $one) (i32.reinterpret_f32) (i32.and ${shown('(local.get $one)')})`],
    ['as an argument', shown('(local.get $given)')],
    ['by a function of math', shown('(f32.demote_f64 (call $log (f64.const -1)))')],
  ])('%s sees the canonical one', async (_, body) => {
    const { runtime } = await gameWith(bits)
    const id = await runtime.loadModule(`(module
      (import "ecs.get" "Position.x" (func $get (param i32) (result f32))) (import "ecs.set" "Position.x" (func $set (param i32 f32)))
      (import "toy" "one" (func $one (result f32))) (import "toy" "two" (func $two (result f32 f32)))
      (import "math" "log" (func $log (param f64) (result f64)))
      (memory 1) (table funcref (elem $one))
      (func (export "bits") (param $given f32) (result i32) (local $one f32) ${body}))`)
    expect(unsigned(runtime.call(id, 'bits', nanOf(bits)))).toBe(CANONICAL)
  })
})

describe('NaN', () => {
  it('has the same bits after an engine optimized the code', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(`(module (func $zero (result f64) (f64.div (f64.const 0) (f64.const 0)))
      (func (export "bits") (result i64) (i64.reinterpret_f64 (f64.ceil (call $zero)))) (func (export "sign") (result f32) (f32.copysign (f32.const 5) (f32.demote_f64 (call $zero)))))`)
    const seen = new Set<unknown>()
    for (let call = 0; call < 20_000; call++) seen.add(runtime.call(id, 'bits'))
    expect([...seen]).toEqual([0x7ff8_0000_0000_0000n])
    expect(runtime.call(id, 'sign')).toBe(5)
  })

  it('has the same bits in a global before and after a snapshot was restored', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(`(module (global $g (mut f32) (f32.const -nan:0x12345))
      (func (export "bits") (result i32) (i32.reinterpret_f32 (global.get $g))))`)
    expect(unsigned(runtime.call(id, 'bits'))).toBe(CANONICAL)
    runtime.restore(Snapshot.fromBytes(runtime.snapshot().toBytes()))
    expect(unsigned(runtime.call(id, 'bits'))).toBe(CANONICAL)
  })

  it('is the same in a hash of a world and in the bytes of a snapshot, whatever its bits', async () => {
    const [one, other] = [await gameWith(BITS[0]), await gameWith(BITS[1])]
    expect(hashWorld(one.world, one.components)).toBe(hashWorld(other.world, other.components))
    expect(one.runtime.snapshot().toBytes()).toEqual(other.runtime.snapshot().toBytes())
  })
})
