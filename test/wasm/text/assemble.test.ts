import { describe, expect, it } from 'vitest'
import { ScriptError } from '../../../src/errors.ts'
import { decodeModule } from '../../../src/wasm/decode/decode.ts'
import { assembleWat } from '../../../src/wasm/text/assemble.ts'
import { codeOf, errorOf } from '../../fixtures/game.ts'

const mistakeIn = (text: string, file = 'script.wat') => errorOf(assembleWat(text, file))
/** A text that crashes wabt. */
/** Deeply nested operands, on which the assembler crashes. */
const TOO_DEEP = `(module (func (drop ${'(i32.eqz '.repeat(30_000)}(i32.const 1)${')'.repeat(30_000)})))`

describe('assembleWat', () => {
  it('returns a valid binary with the names of functions', async () => {
    const bytes = await assembleWat(
      '(module (func $double (export "double") (param i32) (result i32) (i32.shl (local.get 0) (i32.const 1))))',
      'a.wat',
    )
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes))
    expect((exports.double as (value: number) => number)(21)).toBe(42)
    expect(decodeModule(bytes).names.functions.get(0)).toBe('double')
  })

  it('returns bytes in a buffer of their own', async () => {
    const [one, other] = await Promise.all([assembleWat('(module)', 'a.wat'), assembleWat('(module (func))', 'b.wat')])
    expect(one).toHaveLength(one.buffer.byteLength)
    expect(decodeModule(one).functions).toHaveLength(0)
    expect(decodeModule(other).functions).toHaveLength(1)
  })

  it.each(['(module)', '', '(func)', ';; nothing but a comment', '(; größe 日本 😀 ;) (module)', '\r\n(module)\r\n'])(
    'takes %j',
    async (text) => {
      expect(WebAssembly.validate(await assembleWat(text, 'script.wat'))).toBe(true)
    },
  )

  it('supports exceptions, tail calls, bulk memory, SIMD and multiple results', async () => {
    const bytes = await assembleWat(
      `(module
        (memory 1)
        (tag $failure (param i32))
        (func $two (result i32 i32) (i32.const 1) (i32.const 2))
        (func (result i32 i32) (return_call $two))
        (func (try (do (throw $failure (i32.const 1))) (catch $failure (drop))))
        (func (memory.fill (i32.const 0) (i32.const 1) (i32.const 2)))
        (func (result v128) (i32x4.splat (i32.const 1))))`,
      'script.wat',
    )
    expect(decodeModule(bytes).functions).toHaveLength(5)
  })

  it('supports multiple memories', async () => {
    expect(decodeModule(await assembleWat('(module (memory 1) (memory 2))', 'script.wat')).memories).toHaveLength(2)
  })

  it('supports arithmetic in constant expressions', async () => {
    const bytes = await assembleWat('(module (global i32 (i32.add (i32.const 1) (i32.const 2))))', 'script.wat')
    expect(decodeModule(bytes).globals).toHaveLength(1)
  })
})

describe('a mistake in the text', () => {
  it('is reported with its place and a code frame', async () => {
    const error = await mistakeIn('(module\n  (func (export "tick") (param f32)\n    i32.cost 1\n  )\n)')
    expect(error).toBeInstanceOf(ScriptError)
    expect(error).toMatchObject({
      code: 'InvalidText',
      detail: 'unexpected token i32.cost, expected )',
      location: { file: 'script.wat', line: 3, column: 5 },
    })
    expect(error.frame?.split('\n')).toEqual([
      '  1 | (module',
      '  2 |   (func (export "tick") (param f32)',
      '> 3 |     i32.cost 1',
      '    |     ^',
      '  4 |   )',
      '  5 | )',
    ])
    expect(error.message).toBe('at script.wat:3:5: unexpected token i32.cost, expected ). Correct the text of the script. [InvalidText]')
  })

  it.each([
    ['a word that is none', '(module\n  (fnuc))', 2, 4, 'unexpected token "fnuc", expected a module field'],
    ['a name that is not there', '(module (func\n  (call $none)))', 2, 9, 'undefined function variable "$none"'],
    ['a name that is there twice', '(module (func $a)\n (func $a))', 2, 3, 'redefinition of function "$a"'],
    [
      'a type that does not fit',
      '(module\n (func (result i32) f32.const 1))',
      2,
      21,
      'type mismatch in implicit return, expected [i32] but got [f32]',
    ],
    ['an end that is missing', '(module (func)', 1, 15, 'unexpected token EOF, expected )'],
  ])('may be %s', async (_, text, line, column, detail) => {
    expect(await mistakeIn(text)).toMatchObject({ code: 'InvalidText', detail, location: { line, column } })
  })

  it.each([
    ['umlauts', '(module (; größe ;) bad)'],
    ['characters of three bytes', '(module (; 日本 ;) bad)'],
    ['characters of two units', '(module (; 😀😀 ;) bad)'],
    ['a string', '(module (export "é" (func 0)) bad)'],
    ['tabs', '(module\t\tbad)'],
  ])('has a column in characters after %s', async (_, text) => {
    const error = await mistakeIn(text)
    const [line = '', caret = ''] = error.frame?.split('\n') ?? []
    expect(error.location).toEqual({ file: 'script.wat', line: 1, column: text.indexOf('bad') + 1 })
    expect(line.slice(caret.indexOf('^'))).toBe('bad)')
  })

  it('is found in text with CRLF', async () => {
    const error = await mistakeIn('(module\r\n  (func\r\n    i32.cost 1))\r\n')
    expect(error.location).toEqual({ file: 'script.wat', line: 3, column: 5 })
    expect(error.frame).not.toContain('\r')
  })

  it('is reported with the number of further mistakes', async () => {
    const mistakes = (count: number) =>
      mistakeIn(`(module ${Array.from({ length: count }, (_, index) => `(func (call $none_${index}))`).join('\n')})`)
    expect((await mistakes(1)).detail).toBe('undefined function variable "$none_0"')
    expect((await mistakes(2)).detail).toBe('undefined function variable "$none_0" (and 1 more)')
    expect((await mistakes(4)).detail).toBe('undefined function variable "$none_0" (and 3 more)')
    const { mistakes: all } = await mistakes(4)
    expect(all?.map(({ detail }) => detail)).toEqual([0, 1, 2, 3].map((index) => `undefined function variable "$none_${index}"`))
    expect(all?.at(-1)).toMatchObject({ location: { file: 'script.wat' }, frame: expect.stringContaining('^') })
    expect((await mistakes(1)).mistakes).toBeUndefined()
    expect((await mistakes(60)).mistakes).toHaveLength(50)
    expect((await mistakes(4)).location).toMatchObject({ line: 1 })
  })

  it('is counted once even if the text contains a message of wabt', async () => {
    expect((await mistakeIn('(module\nwat:9:9: error: fake\n)')).detail).not.toContain('more')
  })

  it.each(['/games/größe/a file.wat', 'file:///a.wat', 'a:1:2: error: b.wat', '(inline)', ''])(
    'names the file that it is told: %j',
    async (file) => {
      expect((await mistakeIn('(module bad)', file)).location).toEqual({ file, line: 1, column: 9 })
    },
  )

  it.each(['scripts/mover.wat', './mover.wat', 'https://example.com/mover.wat', ' mover.wasm\n'])(
    'is hinted at where the text is a path: %j',
    async (text) => {
      const { code, detail } = await mistakeIn(text)
      expect(code).toBe('InvalidText')
      expect(detail).toMatch(/; a string is read as WAT text: pass a URL to load a file$/)
    },
  )

  it.each(['(module bad)', 'hello world', '(mover.wat)'])('has no hint about paths if the text is not a path: %j', async (text) => {
    expect((await mistakeIn(text)).detail).not.toContain('URL')
  })
})

describe('text with nested blocks', () => {
  const flat = (depth: number, word = 'block'): string => `(module\n(func ${`${word} `.repeat(depth)}${'end '.repeat(depth)}))`
  const folded = (depth: number): string => `(module (func ${'(block '.repeat(depth)}${')'.repeat(depth)}))`

  it('is assembled up to 128 levels', async () => {
    for (const text of [flat(128), flat(128, 'loop'), folded(128), `(module (func ${'block end '.repeat(1000)}))`]) {
      expect(WebAssembly.validate(await assembleWat(text, 'script.wat'))).toBe(true)
    }
  })

  it('is refused beyond that with its place, since the assembler would hang', async () => {
    for (const text of [flat(129), flat(500), flat(50_000, 'loop'), folded(200)]) {
      expect(await mistakeIn(text)).toMatchObject({ code: 'InvalidText', detail: expect.stringContaining('128 levels') })
    }
    expect((await mistakeIn(flat(129))).location).toEqual({ file: 'script.wat', line: 2, column: 7 + 128 * 6 })
  })
})

describe('text that crashes the assembler', () => {
  it('is refused, and the next text is assembled', async () => {
    const error = await mistakeIn(TOO_DEEP)
    expect(error).toMatchObject({
      code: 'InvalidText',
      detail: 'the assembler failed on this text, which is nested too deeply or too large',
    })
    expect(error.cause).toBeInstanceOf(Error)
    expect(decodeModule(await assembleWat('(module (func (nop)))', 'script.wat')).functions).toHaveLength(1)
    expect((await mistakeIn('(module bad)')).detail).toContain('unexpected token')
  })

  it('is refused every time', async () => {
    for (let count = 0; count < 3; count++) {
      expect(await codeOf(assembleWat(TOO_DEEP, 'script.wat'))).toBe('InvalidText')
      expect(WebAssembly.validate(await assembleWat('(module)', 'script.wat'))).toBe(true)
    }
  })

  it('does not affect texts that are assembled at the same time', async () => {
    const [, good] = await Promise.allSettled([assembleWat(TOO_DEEP, 'deep.wat'), assembleWat('(module (func))', 'good.wat')])
    expect(good.status).toBe('fulfilled')
  })
})
