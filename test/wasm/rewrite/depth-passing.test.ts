import { describe, expect, it } from 'vitest'
import { decodeModule } from '../../../src/wasm/decode/decode.ts'
import { RESERVED } from '../../../src/wasm/format/reserved.ts'
import { FRAME, MAX_DEPTH } from '../../../src/wasm/rewrite/depth-code.ts'
import { originalPlaces } from '../../../src/wasm/rewrite/original-places.ts'
import { type RewriteOptions, rewriteModule } from '../../../src/wasm/rewrite/rewrite.ts'
import { assembleWat } from '../../../src/wasm/text/assemble.ts'

const OPTIONS: RewriteOptions = { memoryPages: 10, tableElements: 10, jsonBytes: 0 }
const BUDGET = 10_000_000

/** A function that calls itself as often as its parameter says, and `declared` among its locals. */
const deep = (declared: string, body: string): string =>
  `(func $deep (export "deep") (param $n i32) (result i32) ${declared}
    (if (i32.eqz (local.get $n)) (then (return (i32.const 0))))
    ${body})`
const AGAIN = '(i32.add (i32.const 1) (call $deep (i32.sub (local.get $n) (i32.const 1))))'

async function rewritten(wat: string): Promise<{ readonly functions: number; readonly run: (name: string, ...args: number[]) => unknown }> {
  const { bytes } = rewriteModule(decodeModule(await assembleWat(wat, 'deep.wat')), OPTIONS)
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes))
  return {
    functions: decodeModule(bytes).bodies.length,
    run(name, ...args) {
      ;(exports[RESERVED.fuel] as WebAssembly.Global).value = BUDGET
      ;(exports[RESERVED.depth] as WebAssembly.Global).value = 0
      return (exports[name] as (...args: number[]) => unknown)(...args)
    },
  }
}

/** Returns how deep `deep` can be called. */
function deepest(run: (name: string, ...args: number[]) => unknown, name = 'deep'): number {
  for (let depth = 0; ; depth++) {
    try {
      run(name, depth)
    } catch {
      return depth - 1
    }
  }
}

describe('a function that takes the depth of its caller as a parameter', () => {
  it.each([
    ['no locals', '', 2],
    ['an i32 before others', '(local i32 f64 i32)', 2],
    ['several i32 in a group', '(local i32 i32 i64)', 2],
    ['another local first', '(local f64 i32)', 1],
  ])('is one with %s', async (_, locals, functions) => {
    const { functions: found, run } = await rewritten(`(module ${deep(locals, AGAIN)})`)
    expect(found).toBe(functions)
    expect(run('deep', 100)).toBe(100)
  })

  it('begins each call with locals of 0', async () => {
    const body = `(local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (local.set $one (i32.add (local.get $one) (i32.const 5))) (local.set $two (f64.add (local.get $two) (f64.const 2)))
      (i32.add (i32.add (local.get $one) (i32.trunc_f64_s (local.get $two))) (call $deep (local.get $n)))`
    const { run } = await rewritten(`(module ${deep('(local $one i32) (local $two f64)', body)})`)
    expect(run('deep', 10)).toBe(70)
  })

  it('ends at the same depth as one with the depth in a global', async () => {
    const passed = await rewritten(`(module ${deep('(local i32 f64)', AGAIN)})`)
    const inGlobal = await rewritten(`(module ${deep('(local f64 i32)', AGAIN)})`)
    const [one, other] = [deepest(passed.run), deepest(inGlobal.run)]
    // The function under its old index takes a frame of its own.
    expect(other - one).toBeLessThanOrEqual(1)
    expect(one).toBeGreaterThan(0)
  })

  it('counts the frames of calls through a table', async () => {
    const call = (kind: string): string => `(i32.add (i32.const 1) (${kind} (i32.sub (local.get $n) (i32.const 1))))`
    const indirect = '(call_indirect (param i32) (result i32)'
    const both = `(module (table funcref (elem $deep)) ${deep('', `(if (i32.const 0) (then (drop (call $deep (i32.const 0))))) (i32.add (i32.const 1) ${indirect} (i32.sub (local.get $n) (i32.const 1)) (i32.const 0)))`)})`
    const alone = `(module ${deep('', call('call $deep'))})`
    const through = deepest((await rewritten(both)).run)
    expect(through).toBeLessThan(deepest((await rewritten(alone)).run))
    expect(through).toBeGreaterThan(MAX_DEPTH / (3 * (FRAME + 5)))
  })

  it('is called by others that count, and by those that do not', async () => {
    const { run, functions } = await rewritten(`(module
      ${deep('', '(i32.add (i32.const 1) (call $other (i32.sub (local.get $n) (i32.const 1))))')}
      (func $other (param i32) (result i32) (call $deep (local.get 0)))
      (func (export "twice") (param i32) (result i32) (i32.add (call $deep (local.get 0)) (call $deep (local.get 0)))))`)
    expect(functions).toBe(5)
    expect(run('twice', 400)).toBe(800)
    expect(deepest(run, 'twice')).toBeGreaterThan(400)
  })

  it('tells its depth to a host that calls the module back, also after others were left by an exception', async () => {
    const { bytes } = rewriteModule(
      decodeModule(
        await assembleWat(
          `(module (import "a" "again" (func $again (param i32)))
            (func $deep (export "deep") (param $n i32)
              (if (i32.eqz (local.get $n)) (then (call $again (i32.const -1)) (return)))
              (call $other (i32.sub (local.get $n) (i32.const 1))))
            ;; Its first local is no i32, so the global has its depth.
            (func $other (param $n i32) (local f64) (call $deep (local.get $n)))
            (func $loop (export "loop") (param $rounds i32)
              (if (i32.eqz (local.get $rounds)) (then (return)))
              (call $again (i32.const 500))
              (call $loop (i32.sub (local.get $rounds) (i32.const 1)))))`,
          'again.wat',
        ),
      ),
      OPTIONS,
    )
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
      a: {
        again(depth: number) {
          if (depth < 0) throw new Error('left')
          expect(() => (exports.deep as (depth: number) => void)(depth)).toThrow('left')
        },
      },
    })
    ;(exports[RESERVED.fuel] as WebAssembly.Global).value = BUDGET
    ;(exports.loop as (rounds: number) => void)(100)
    expect((exports[RESERVED.fault] as WebAssembly.Global).value).toBe(0)
  })

  it('exists in no module with tail calls, in which a function that passes on the depth would keep its frame', async () => {
    const { functions } = await rewritten(`(module ${deep('', AGAIN)} (func (result i32) (return_call $deep (i32.const 3))))`)
    expect(functions).toBe(2)
  })

  it('has its frames in a trace once', async () => {
    const wat = `(module ${deep('(local i32)', `(if (i32.eq (local.get $n) (i32.const 3)) (then (unreachable))) ${AGAIN}`)})`
    const module = decodeModule(await assembleWat(wat, 'deep.wat'))
    const place = originalPlaces(module, OPTIONS)
    const { run } = await rewritten(wat)
    let stack = ''
    try {
      run('deep', 6)
    } catch (error) {
      stack = (error as Error).stack ?? ''
    }
    const offsets = [...stack.matchAll(/wasm-function\[\d+\]:0x([0-9a-f]+)/g)].map(([, offset]) => Number.parseInt(offset as string, 16))
    const found = offsets.map(place).filter((each) => each !== undefined)
    expect(offsets).toHaveLength(5)
    expect(found).toHaveLength(4)
    expect(found.map(({ functionIndex }) => functionIndex)).toEqual([0, 0, 0, 0])
    const [trap, ...calls] = found.map(({ offset }) => module.bytes[offset])
    // unreachable, call
    expect([trap, ...calls]).toEqual([0x00, 0x10, 0x10, 0x10])
  })
})
