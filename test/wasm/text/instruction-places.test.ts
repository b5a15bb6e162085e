import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { decodeModule } from '../../../src/wasm/decode/decode.ts'
import { instructionOffsets } from '../../../src/wasm/decode/instruction-offsets.ts'
import { assembleWat } from '../../../src/wasm/text/assemble.ts'
import { instructionFinder, instructionPlaces } from '../../../src/wasm/text/instruction-places.ts'
import { watTokens } from '../../../src/wasm/text/tokens.ts'

const NUMBERS = '⁰¹²³⁴⁵⁶⁷⁸⁹'

/** Returns the places of the instructions of a text. A number before each marks its position in the binary. */
function marked(text: string): { readonly wat: string; readonly expected: readonly string[] } {
  const places: string[] = []
  let wat = ''
  let line = 1
  let column = 1
  for (const character of text) {
    const number = NUMBERS.indexOf(character)
    if (number >= 0) {
      places[number] = `${line}:${column}`
      continue
    }
    wat += character
    if (character === '\n') line++
    column = character === '\n' ? 1 : column + 1
  }
  return { wat, expected: places }
}

const found = (text: string): string[][] => instructionPlaces(text).map((places) => places.map(({ line, column }) => `${line}:${column}`))

async function linesUp(text: string): Promise<boolean> {
  const module = decodeModule(await assembleWat(text, 'script.wat'))
  const places = instructionPlaces(text)
  return places.length === module.bodies.length && places.every((own, index) => own.length === instructionOffsets(module, index).length)
}

/** Texts in which each instruction is marked with its position in the binary. */
const FORMS: readonly [string, string][] = [
  ['flat', '(module (func (result i32) ⁰i32.const 1 ¹i32.const 2 ²i32.add))'],
  ['folded', '(module (func (result i32) (²i32.add (⁰i32.const 1) (¹i32.const 2))))'],
  ['half folded', '(module (func (result i32) ⁰i32.const 1 (²i32.add (¹i32.const 2))))'],
  ['over lines', '(module\n  (func\n    (⁰nop)\n\n\t(¹nop)))'],
  ['a block', '(module (func (⁰block $b (result i32) (¹i32.const 1) (³br_if $b (²i32.const 2))) (⁴drop)))'],
  ['a flat block', '(module (func ⁰block $b ¹nop ²br $b end $b))'],
  ['if and then', '(module (func (¹if (⁰i32.const 1) (then (²nop) (³nop)) (else (⁴nop)))))'],
  [
    'if with a result',
    '(module (func (result i32) (²if (result i32) (⁰i32.const 5) (¹i32.eqz) (then (³i32.const 1)) (else (⁴i32.const 2)))))',
  ],
  ['a flat if', '(module (func ⁰i32.const 1 ¹if ²nop else ³nop end))'],
  ['a loop', '(module (func (local $n i32) (⁰loop $l (³br_if $l (²local.tee $n (¹local.get $n))))))'],
  [
    'strings and comments',
    '(module (; (func nop) ;) (memory 1) (data (i32.const 0) "(func nop) \\" ;; ") ;; (nop)\n (func (; (; nop ;) ;) ⁰nop))',
  ],
  [
    'exports, types and locals',
    '(module (type $t (func (param i32))) (func $f (export "f") (export "g") (type $t) (param i32) (local i64 f32) (local $x f64) ⁰nop))',
  ],
  ['names of immediates', '(module (memory 1) (func (²drop (¹i32.load offset=4 align=1 (⁰i32.const 0)))))'],
  ['a vector', '(module (func (¹drop (⁰v128.const i32x4 1 2 3 4))))'],
  ['odd numbers', '(module (func (¹drop (⁰f32.const nan:0x200000)) (³drop (²f64.const -inf)) (⁵drop (⁴f32.const 0x1.8p+3))))'],
  ['a call through a table', '(module (table 1 funcref) (func (param i32) (²call_indirect (param i32) (⁰local.get 0) (¹i32.const 0))))'],
  ['a table of branches', '(module (func (⁰block $a (¹block $b (³br_table $a $b 0 (²i32.const 1))))))'],
  [
    'references',
    '(module (func $f) (elem declare func $f) (func (¹drop (⁰ref.func $f)) (³drop (²ref.null func)) (⁶drop (⁵ref.is_null (⁴ref.null extern)))))',
  ],
  ['a typed select', '(module (func (⁴drop (³select (result i32) (⁰i32.const 1) (¹i32.const 2) (²i32.const 3)))))'],
  ['handlers', '(module (tag $e) (func (⁰try (do (¹nop)) (²catch $e (³nop)) (⁴catch_all (⁵nop)))))'],
  ['a flat handler', '(module (tag $e) (func ⁰try ¹nop ²catch $e ³nop ⁴catch_all ⁵nop end))'],
  ['a tail call', '(module (func $f (⁰return_call $f)))'],
]

describe('instructionPlaces', () => {
  it.each(FORMS)('finds the instructions of %s', async (_, text) => {
    const { wat, expected } = marked(text)
    expect(found(wat).flat()).toEqual(expected)
    expect(await linesUp(wat)).toBe(true)
  })

  it('returns a list for each function, imported ones left out', () => {
    expect(found('(module (import "a" "b" (func)) (func (import "a" "c") (param i32)) (func nop) (func) (func nop nop))')).toEqual([
      ['1:75'],
      [],
      ['1:93', '1:97'],
    ])
  })

  it('reads fields without an enclosing module', () => {
    expect(found('(func nop)')).toEqual([['1:7']])
  })

  it.each(readdirSync(new URL('../../../scripts-wat/', import.meta.url)).filter((file) => file.endsWith('.wat')))(
    'lines up with the binary of %s',
    async (file) => {
      expect(await linesUp(readFileSync(new URL(`../../../scripts-wat/${file}`, import.meta.url), 'utf8'))).toBe(true)
    },
  )

  it('terminates on a text that is cut off anywhere', () => {
    const text = readFileSync(new URL('../../../scripts-wat/collide.wat', import.meta.url), 'utf8')
    for (let length = 0; length < text.length; length += 7) expect(() => instructionPlaces(text.slice(0, length))).not.toThrow()
  })
})

describe('instructionFinder', () => {
  it('finds the instruction at an offset', async () => {
    const text = '(module (func (nop) (unreachable)) (func (param i32)\n  (drop (i32.div_s (i32.const 100000) (local.get 0)))))'
    const module = decodeModule(await assembleWat(text, 'script.wat'))
    const find = instructionFinder(text, module)
    const [first, constant, , division] = [...instructionOffsets(module, 0).slice(1), ...instructionOffsets(module, 1)] as [
      number,
      number,
      number,
      number,
    ]
    expect(find(first)).toEqual({ line: 1, column: 22 })
    for (const inside of [0, 1, 2]) expect(find(constant + inside)).toEqual({ line: 2, column: 21 })
    expect(find(division)).toEqual({ line: 2, column: 10 })
    expect(find(0)).toBeUndefined()
    expect(find(100_000)).toBeUndefined()
  })

  it('finds nothing if the module was not made from the text', async () => {
    const module = decodeModule(await assembleWat('(module (func nop nop))', 'script.wat'))
    for (const text of ['(module (func nop))', '(module (func nop nop) (func))', '']) {
      expect(instructionFinder(text, module)(instructionOffsets(module, 0)[0] as number)).toBeUndefined()
    }
  })
})

describe('watTokens', () => {
  it('leaves out comments and yields a string as one token', () => {
    const words = [...watTokens('(a"b \\" )";; c\n(; (; d ;) ;)e)')]
    expect(words.map(({ text }) => text)).toEqual(['(', 'a', '"b \\" )"', 'e', ')'])
    expect(words.at(-2)).toEqual({ text: 'e', line: 2, column: 14 })
  })

  it('terminates on unclosed strings and comments', () => {
    for (const text of ['"abc', '(; ;', '"a\\', ';; a']) expect([...watTokens(text)].length).toBeLessThan(2)
  })
})
