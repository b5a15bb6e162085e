import { describe, expect, it } from 'vitest'
import { assembleWat } from '../../../src/wasm/text/assemble.ts'
import { codeOf, createGame, errorOf } from '../../fixtures/game.ts'

/** Assembles declarations on the third line of a module, in which `«` marks the place. Returns the error and where it should be. */
async function refusal(marked: string) {
  const line = `    ${marked}`
  const text = `(module\n  (type $type (func))\n${line.replace('«', '')}\n  (func (export "tick") (param f32)))`
  return { error: await errorOf(assembleWat(text, 'script.wat')), place: { file: 'script.wat', line: 3, column: line.indexOf('«') + 1 } }
}

describe('what the assembler does not know is not blamed on the author', () => {
  it.each([
    '(memory $a 1) (memory $b 1) «(data (memory $b) (i32.const 0) "x")',
    '(memory $a 1) (data (i32.const 0) "x") (memory $b 1) «(data $d (memory 1) (offset (i32.const 0)) "x")',
    '(memory $a 1) (memory $b «(data "x"))',
    '(import "a" "b" (memory 1)) (memory «(data "x"))',
  ])('data segments of a second memory: %s', async (marked) => {
    const { error, place } = await refusal(marked)
    expect(error).toMatchObject({ code: 'EngineUnavailable', location: place, frame: expect.stringContaining('> 3 |') })
    expect(error.detail).toMatch(/^the assembler, wabt, does not know data segments of a second memory; assemble the text with another/)
  })

  it.each([
    '(func (param «(ref $type)))',
    '(func (param i32 «(ref 0)))',
    '(func (local «( ref $type)))',
    '(func (param i32) (param «(ref null $type)))',
    '(func (param «(ref null func)))',
    '(table 1 «(ref null $type))',
    '(global «(ref null $type) (ref.null $type))',
    '(func (drop («ref.null $type)))',
  ])('typed references: %s', async (marked) => {
    const { error, place } = await refusal(marked)
    expect(error).toMatchObject({ code: 'EngineUnavailable', location: place })
    expect(error.detail).toMatch(/^the assembler, wabt, does not know typed references; /)
  })

  it.each([
    ['call_ref', '(func $f) (elem declare func $f) (func («call_ref $type (ref.func $f)))'],
    ['ref.as_non_null', '(func $f) (elem declare func $f) (func (drop («ref.as_non_null (ref.func $f))))'],
    ['br_on_null', '(func (block («br_on_null 0 (ref.null func)) drop))'],
    ['anyref', '(func (param «anyref))'],
    ['rec', '(«rec (type $other (func)))'],
    ['struct', '(type $point («struct (field i32)))'],
    ['array', '(type $bytes («array (mut i8)))'],
    ['sub', '(type $point («sub (struct (field i32))))'],
    ['struct.new_default', '(func (drop («struct.new_default 0)))'],
    ['array.get', '(func (drop («array.get 0 (ref.null func) (i32.const 0))))'],
    ['pagesize', '(memory 1 («pagesize 1))'],
    ['@custom', '(«@custom "name" "content")'],
  ])("'%s'", async (word, marked) => {
    const { error, place } = await refusal(marked)
    expect(error).toMatchObject({ code: 'EngineUnavailable', location: place })
    expect(error.detail).toContain(`does not know '${word}';`)
  })

  it.each(['(table 1 funcref «(ref.func $f)) (func $f)', '(table $t 1 2 funcref «(ref.null func))'])(
    'initial values of tables: %s',
    async (marked) => {
      const { error, place } = await refusal(marked)
      expect(error).toMatchObject({ code: 'EngineUnavailable', location: place })
      expect(error.detail).toMatch(/does not know initial values of tables; /)
    },
  )

  it('a component, as text', async () => {
    expect(await errorOf(assembleWat('(component)', 'script.wat'))).toMatchObject({
      code: 'EngineUnavailable',
      detail: expect.stringContaining("'component'"),
    })
  })

  it('is reported by loadModule with the name of the script', async () => {
    const { runtime } = await createGame()
    const wat = '(module (memory 1) (memory 1) (data (memory 1) (i32.const 0) "x") (func (export "tick") (param f32)))'
    expect(await errorOf(runtime.loadModule(wat, { name: 'two' }))).toMatchObject({ code: 'EngineUnavailable', script: 'two' })
  })
})

describe('what the assembler knows', () => {
  it.each([
    '(memory $a 1) (memory $b 1) (data (memory $a) (i32.const 0) "x")',
    '(memory $a (data "x")) (memory $b 1)',
    '(memory $a 1) (memory $b 1) (data $b "passive") (data (i32.const 0) "x")',
    '(table 1 funcref) (func (drop (ref.null func)) (drop (ref.null extern)) (drop (ref.is_null (ref.null func))))',
    '(func (param funcref externref)) ;; not a (ref $type)',
    '(memory 1) (data (i32.const 0) "(ref $type)")',
  ])('is assembled: %s', async (declarations) => {
    const text = `(module (type $type (func)) ${declarations}\n)`
    expect((await assembleWat(text, 'script.wat')).length).toBeGreaterThan(8)
  })

  it.each([
    '(func (drop (ref.null fun)))',
    '(func (param ref $type))',
    '(func i32.cost)',
    '(func (call_rf))',
    '(func (struct',
    '(table 1 funcref (nop))',
  ])("is the author's mistake: %s", async (declarations) => {
    expect(await codeOf(assembleWat(`(module (type $type (func)) ${declarations})`, 'script.wat'))).toBe('InvalidText')
  })
})
