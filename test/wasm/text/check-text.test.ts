import { describe, expect, it } from 'vitest'
import type { ScriptError } from '../../../src/errors.ts'
import { assembleWat } from '../../../src/wasm/text/assemble.ts'
import { errorOf } from '../../fixtures/game.ts'

const mistakeIn = (text: string): Promise<ScriptError> => errorOf(assembleWat(text, 'script.wat'))
const list = (count: number, each: (index: number) => string): string => Array.from({ length: count }, (_, index) => each(index)).join('')

const FINE = '(module (func (export "tick") (param f32)))'

// Each would keep the assembler busy from seconds to hours.
describe('a large text is refused at its first mistake', () => {
  it.each([
    ['characters that no word has', `${FINE}${'\0'.repeat(1_000_000)}`, 'unexpected char', FINE.length + 1],
    ['characters beyond ASCII', `${FINE}${'😀'.repeat(100_000)}`, 'unexpected char', FINE.length + 1],
    ['brackets', `${FINE}${'[ '.repeat(100_000)}`, 'unexpected char', FINE.length + 1],
    ['escapes that do not exist', `(module (data "\\\\z${'\\z'.repeat(100_000)}"))`, 'bad escape "\\z"', 15],
    ['strings with line breaks', `(module ${'"\n" '.repeat(50_000)})`, 'newline in string', 9],
    ['a function that is defined again and again', `(module ${'(func $a)'.repeat(200_000)})`, 'redefinition of func $a', 8 + 9 * 100 + 7],
    ['a local that is', `(module (func ${'(local $a i32)'.repeat(200_000)}))`, 'redefinition of local $a', 14 + 14 * 100 + 8],
    ['an export that is', `(module (func ${'(export "a")'.repeat(200_000)}))`, 'redefinition of export "a"', 14 + 12 * 100 + 9],
  ])('if it has %s', async (_, text, detail, column) => {
    const error = await mistakeIn(text)
    expect(error).toMatchObject({ code: 'InvalidText', detail, location: { file: 'script.wat', line: 1, column } })
    expect(error.message.length).toBeLessThan(300)
    expect(error.frame?.length).toBeLessThan(1000)
  })

  it('if it has more function types than the assembler can look up', async () => {
    const binary = (index: number): string => index.toString(2).replaceAll('0', 'i32 ').replaceAll('1', 'f32 ')
    const explicit = `(module ${'(type (func))\n'.repeat(20_000)}${'(func (param f32))\n'.repeat(20_000)})`
    for (const text of [`(module ${list(20_000, (index) => `(func (param ${binary(index)}))`)})`, explicit]) {
      expect(await mistakeIn(text)).toMatchObject({ code: 'InvalidText', detail: expect.stringContaining('too many function types') })
    }
  })
})

describe('a large text without these mistakes', () => {
  it('is assembled', async () => {
    const text = `(module ;; größe \0
      (type $t (func (param $a i32) (param $b i32)))
      (memory 1) (table 1 funcref)
      (data (i32.const 0) "größe\\n\\t\\"\\'\\\\\\ff\\u{1f600}")
      (func $used (type $t))
      ${list(3000, (index) => `(func $f${index} (export "e${index}") (param $a i32) (result i32) (local $b i32) local.get $a)\n`)}
      ${list(1000, (index) => `(export "x${index}" (func $used)) (export "y${index}" (func $used))\n`)}
      (elem (i32.const 0) func $used $used))`
    expect(text.length).toBeGreaterThan(65_536)
    expect(WebAssembly.validate(await assembleWat(text, 'script.wat'))).toBe(true)
  })

  it('has its mistakes reported by the assembler: the first ones, and how many there are', async () => {
    const error = await mistakeIn(`(module ${'(func foo)\n'.repeat(20_000)})`)
    expect(error.detail).toBe('unexpected token foo, expected ) (and 19999 more)')
    expect(error.mistakes).toHaveLength(50)
    expect(error.mistakes?.[49]?.location).toEqual({ file: 'script.wat', line: 50, column: 7 })
  })
})

it('cuts what it says of a mistake', async () => {
  const error = await mistakeIn(`(module (func (drop (i32.const ${'1_'.repeat(5000)}1)) (drop (i32.const ${'2_'.repeat(5000)}2))))`)
  expect(error.detail).toMatch(/^invalid literal "1_1_.*…[1_]+" \(and 1 more\)$/)
  expect(error.message.length).toBeLessThan(700)
  for (const { detail, frame } of error.mistakes ?? []) expect(detail.length + frame.length).toBeLessThan(1500)
})
