import { describe, expect, it } from 'vitest'
import { inlining } from '../../../src/host/inline/inlined-code.ts'
import { decodeModule } from '../../../src/wasm/decode/decode.ts'
import { InstructionReader } from '../../../src/wasm/decode/instructions.ts'
import type { DecodedModule } from '../../../src/wasm/format/module.ts'
import { Reader } from '../../../src/wasm/format/reader.ts'
import { RESERVED } from '../../../src/wasm/format/reserved.ts'
import type { Accessor } from '../../../src/wasm/rewrite/inline-call.ts'
import { originalPlaces } from '../../../src/wasm/rewrite/original-places.ts'
import { type RewriteOptions, rewriteModule } from '../../../src/wasm/rewrite/rewrite.ts'
import { assembleWat } from '../../../src/wasm/text/assemble.ts'

const BATCH = 32
const LIST = 1024
const COLUMN = 4096
const CAPACITY = 100
const ACCESSORS: ReadonlyMap<number, Accessor> = new Map([
  [0, { access: 'get', type: 'i32', base: COLUMN, capacity: CAPACITY }],
  [1, { access: 'set', type: 'i32', base: COLUMN, capacity: CAPACITY }],
])
const OPTIONS: RewriteOptions = { memoryPages: 10, tableElements: 20, jsonBytes: 0, inlining: inlining(ACCESSORS, BATCH) }

const IMPORTS = `(import "a" "get" (func $get (param i32) (result i32))) (import "a" "set" (func $set (param i32 i32)))
  (import "a" "fail" (func $fail))`
const UPDATE = (body: string, more = '', locals = ''): string =>
  `(module ${IMPORTS} ${more} (func (export "update") (param $e i32) (param $dt f32) ${locals} ${body}))`

/** Errors for which the engine reports a place. */
const ENDS = [
  '(unreachable)',
  '(drop (i32.div_u (local.get $e) (i32.const 0)))',
  '(drop (i64.rem_s (i64.const 1) (i64.const 0)))',
  '(drop (i32.trunc_f32_s (f32.const nan)))',
  '(drop (table.get $t (i32.const 99)))',
  '(call_indirect $f (i32.const 0))',
  '(table.fill $t (i32.const 5) (ref.null extern) (i32.const 99))',
  '(call $fail)',
  '(call $deep)',
]
const TABLES = '(table $t 3 externref) (table $f 1 funcref)'
const DEEP = '(func $deep (local i32) (loop $l (call $deeper)))  (func $deeper (nop) (block (nop) (unreachable)))'
/** Code that causes each error, for one entity. */
const each = (around: (end: string) => string): string =>
  ENDS.map((end, index) => `(if (i32.eq (local.get $e) (i32.const ${index})) (then ${around(end)}))`).join('\n')

/** Modules in which each entity causes another error. */
const MODULES: Readonly<Record<string, string>> = {
  'straight code': UPDATE(
    each((end) => end),
    `${TABLES} ${DEEP}`,
  ),
  loops: UPDATE(
    each((end) => `(loop $l (block $b (br_if $b (local.get $n)) (local.set $n (i32.const 1)) (br $l)) ${end})`),
    `${TABLES} ${DEEP}`,
    '(local $n i32)',
  ),
  'reads and writes of columns': UPDATE(
    each(
      (end) =>
        `(call $set (local.get $e) (i32.add (call $get (local.get $e)) (call $get (i32.const 3)))) ${end} (call $set (i32.const 1) (i32.const 300))`,
    ),
    `${TABLES} ${DEEP}`,
  ),
  calls: UPDATE(
    each((end) => `(call $one) ${end} (call $one)`),
    `${TABLES} ${DEEP} (func $one (if (i32.const 0) (then (return))) (call $two)) (func $two)`,
  ),
  'what leaves early': UPDATE(
    each(
      (end) =>
        `(block $b (if (i32.eqz (local.get $e)) (then (br $b))) (br_if 2 (i32.const 0)) (if (i32.const 0) (then (return))) ${end}) ${end}`,
    ),
    `${TABLES} ${DEEP}`,
  ),
  'a body too large to be written into the loop': UPDATE(`${'nop '.repeat(5000)} ${each((end) => end)}`, `${TABLES} ${DEEP}`),
  'a body that catches': UPDATE(`(try (do (throw $x)) (catch $x)) ${each((end) => end)}`, `${TABLES} ${DEEP} (tag $x)`),
  'other functions around it': `(module ${IMPORTS} ${TABLES} ${DEEP} (func $before (param i32) (result i32) (call $get (local.get 0)))
    (func (export "update") (param $e i32) (param f32) (drop (call $before (local.get $e))) ${each((end) => end)} (call $after))
    (func $after (loop (br_if 0 (i32.const 0)))))`,
}

interface Frame {
  readonly functionIndex: number
  readonly offset: number
}

/** Returns the places in a module from which an error came, innermost first. */
function framesOf(error: unknown): Frame[] {
  const found = String((error as Error).stack).matchAll(/wasm-function\[(\d+)\]:0x([0-9a-f]+)/g)
  return [...found].map(([, functionIndex, offset]) => ({
    functionIndex: Number(functionIndex),
    offset: Number.parseInt(offset as string, 16),
  }))
}

function caught(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('it came to no end')
}

const fail = (): never => {
  throw new Error('failed')
}

/** Runs `update` of the original module on an entity. */
function runOriginal(module: DecodedModule, entity: number): Frame[] {
  const reach = (operand: number): number => (operand >>> 0 < CAPACITY ? 0 : fail())
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.bytes), { a: { get: reach, set: reach, fail } })
  return framesOf(caught(() => (exports.update as (entity: number, dt: number) => void)(entity, 1)))
}

/** Runs `update` of the rewritten module on an entity, directly or as one of a list. */
function runRewritten(module: DecodedModule, entity: number, drives: boolean): Frame[] {
  const { bytes } = rewriteModule(module, OPTIONS)
  const memory = new WebAssembly.Memory({ initial: 1 })
  const words = new Uint32Array(memory.buffer)
  words.set([entity], LIST / 4)
  words.set([LIST, LIST + 4, 0], BATCH / 4)
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    a: { get: fail, set: fail, fail },
    [RESERVED.module]: { [RESERVED.hostMemory]: memory },
  })
  ;(exports[RESERVED.fuel] as WebAssembly.Global).value = 1_000_000
  const run = exports[drives ? RESERVED.driver : 'update'] as (entity: number, dt: number) => void
  return framesOf(caught(() => run(entity, 1)))
}

/** Returns the original places of frames of the rewritten module, without the driver of `update`. */
function placesOf(module: DecodedModule, frames: readonly Frame[]): Frame[] {
  const place = originalPlaces(module, OPTIONS)
  return frames.map(({ offset }) => place(offset)).filter((found) => found !== undefined)
}

describe('originalPlaces', () => {
  it.each(Object.entries(MODULES))('finds the place of each of many errors, in %s', async (_, wat) => {
    const module = decodeModule(await assembleWat(wat, 'update.wat'))
    for (const entity of ENDS.keys()) {
      const expected = runOriginal(module, entity)
      expect(expected.length).toBeGreaterThan(0)
      expect(placesOf(module, runRewritten(module, entity, false)), `${ENDS[entity]}`).toEqual(expected)
      expect(placesOf(module, runRewritten(module, entity, true)).slice(0, expected.length), `${ENDS[entity]}, driven`).toEqual(expected)
    }
  })

  it.each([
    ['get', '(drop (call $get (i32.const 100)))'],
    ['get, followed by much', '(drop (i32.add (call $get (i32.const 100)) (i32.const 1)))'],
    ['set', '(call $set (i32.const 100) (i32.const 1))'],
  ])('finds the call of an accessor with an entity out of range: %s', async (_, access) => {
    const module = decodeModule(await assembleWat(UPDATE(`(nop) ${access} (nop)`), 'update.wat'))
    for (const drives of [false, true]) expect(placesOf(module, runRewritten(module, 0, drives))).toEqual(runOriginal(module, 0))
  })

  it('finds the instruction at which the fuel was used up', async () => {
    const module = decodeModule(await assembleWat(UPDATE('(nop) (loop $l (nop) (br $l))'), 'update.wat'))
    const [place] = placesOf(module, runRewritten(module, 0, false))
    const [update] = module.bodies
    const loop = (update?.body.start ?? 0) + 1 + 1
    // After `loop` and its type.
    expect(place).toEqual({ functionIndex: 3, offset: loop + 2 })
  })

  it.each(Object.entries(MODULES))('finds every instruction, in %s', async (_, wat) => {
    const module = decodeModule(await assembleWat(wat, 'update.wat'))
    const { bytes } = rewriteModule(module, OPTIONS)
    const place = originalPlaces(module, OPTIONS)
    const copies = new Map<number, number[]>()
    for (let offset = 0; offset < bytes.length; offset++) {
      const found = place(offset)
      if (found === undefined) continue
      copies.set(found.offset, [...(copies.get(found.offset) ?? []), offset])
    }
    const imported = module.functions.length - module.bodies.length
    for (const [index, { body }] of module.bodies.entries()) {
      for (const { at, isReplaced, end } of instructionsOf(module, body)) {
        const original = module.bytes.subarray(at, end).join()
        const found = copies.get(at)?.filter((offset) => isReplaced || bytes.subarray(offset, offset + end - at).join() === original) ?? []
        expect(found.length, `the instruction at ${at} of function ${index + imported}`).toBeGreaterThan(0)
      }
    }
  })

  it('is undefined outside of functions', async () => {
    const module = decodeModule(await assembleWat(MODULES.calls as string, 'update.wat'))
    const place = originalPlaces(module, OPTIONS)
    const { bytes } = rewriteModule(module, OPTIONS)
    for (const offset of [0, 8, 20, -1, bytes.length + 10]) expect(place(offset)).toBeUndefined()
  })
})

function instructionsOf(module: DecodedModule, body: { start: number; end: number }): { at: number; end: number; isReplaced: boolean }[] {
  const reader = new Reader(module.bytes, body)
  for (let groups = reader.u32('groups'); groups > 0; groups--) reader.skip(2, 'a group')
  const instruction = new InstructionReader(reader)
  const found = []
  while (!reader.done) {
    instruction.read()
    const { at, next, opcode, number, index } = instruction
    const isAccess = opcode === 0x10 && ACCESSORS.has(index)
    const isConstant = opcode === 0x43 || opcode === 0x44 || (opcode === 0xfd && number === 12)
    found.push({ at, end: next, isReplaced: isAccess || isConstant })
  }
  return found
}
