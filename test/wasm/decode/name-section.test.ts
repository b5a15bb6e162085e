import { describe, expect, it } from 'vitest'
import { decodeModule } from '../../../src/wasm/decode/decode.ts'
import * as SECTION from '../../../src/wasm/format/section.ts'
import { assembleWat } from '../../../src/wasm/text/assemble.ts'
import { type Bytes, binary, customSection, section, text, vector } from '../../fixtures/wasm/bytes.ts'

const part = section
const MODULE = part(0, text('game'))
const FUNCTIONS = part(1, vector([0, ...text('first')], [2, ...text('größe')]))
const LOCALS = part(2, vector([0, ...vector([0, ...text('local')])]))

const namesIn = (...parts: Bytes[]) => decodeModule(binary(customSection('name', parts.flat()))).names

describe('the name section', () => {
  it('names the module and its functions, as written by wabt', async () => {
    const wat = '(module $game (import "" "" (func $log)) (func) (func $update (param $entity i32)))'
    const { names } = decodeModule(await assembleWat(wat, 'game.wat'))
    expect(names.functions).toEqual(
      new Map([
        [0, 'log'],
        [2, 'update'],
      ]),
    )
  })

  it('has subsections, of which those of the module and of functions are read', () => {
    const functions = new Map([
      [0, 'first'],
      [2, 'größe'],
    ])
    expect(namesIn(MODULE, FUNCTIONS)).toEqual({ module: 'game', functions, globals: new Map() })
    expect(namesIn(FUNCTIONS, MODULE)).toEqual({ module: 'game', functions, globals: new Map() })
    expect(namesIn(LOCALS, FUNCTIONS)).toEqual({ functions, globals: new Map() })
    expect(namesIn(part(99, [1, 2, 3]), MODULE)).toEqual({ module: 'game', functions: new Map(), globals: new Map() })
    expect(namesIn()).toEqual({ functions: new Map(), globals: new Map() })
  })

  it('is only the custom section named name', () => {
    expect(decodeModule(binary(customSection('names', [...MODULE]))).names).toEqual({ functions: new Map(), globals: new Map() })
  })

  it('names the globals, as written by wabt', async () => {
    const { names } = decodeModule(
      await assembleWat(
        '(module (global $a i32 (i32.const 0)) (global (mut i32) (i32.const 0)) (global $b (mut f32) (f32.const 1)))',
        'a.wat',
      ),
    )
    expect([...names.globals]).toEqual([
      [0, 'a'],
      [2, 'b'],
    ])
  })

  it('may come before the functions that it names', () => {
    const type = section(SECTION.type, vector([0x60, ...vector(), ...vector()]))
    const code = section(SECTION.code, vector([0x02, 0x00, 0x0b]))
    const bytes = binary(customSection('name', FUNCTIONS), type, section(SECTION.function, vector([0])), code)
    expect(decodeModule(bytes).names.functions.get(0)).toBe('first')
  })

  it.each([
    ['a part longer than the section', [1, 99, 1]],
    ['more names than bytes', part(1, [0xff, 0xff, 0xff, 0xff, 0x0f])],
    ['a name longer than its part', part(1, vector([1, 99, 0x61]))],
    ['a name that is not UTF-8', part(1, vector([1, 2, 0xff, 0xfe]))],
    ['an index of too many bytes', part(1, vector([0x80, 0x80, 0x80, 0x80, 0x80, 0x00, 0]))],
    ['a part without a size', [1]],
    ['half a size', [1, 0x80]],
  ])('does not make a module invalid if damaged by %s, and keeps the names before the damage', (_, damage) => {
    expect(namesIn(MODULE, damage)).toEqual({ module: 'game', functions: new Map(), globals: new Map() })
    expect(WebAssembly.validate(binary(customSection('name', [...MODULE, ...damage])))).toBe(true)
  })

  it('keeps the names before a damaged one in the same subsection', () => {
    const functions = part(1, vector([0, ...text('first')], [1, 1, 0xff]))
    expect(namesIn(functions, MODULE)).toEqual({ functions: new Map([[0, 'first']]), globals: new Map() })
  })

  it('may be cut off anywhere after its own name', () => {
    const whole = [...MODULE, ...FUNCTIONS]
    for (let length = 0; length <= whole.length; length++) {
      const { names } = decodeModule(binary(customSection('name', whole.slice(0, length))))
      expect(names.module, `cut at ${length}`).toBe(length >= MODULE.length ? 'game' : undefined)
      expect(names.functions.size, `cut at ${length}`).toBe(length === whole.length ? 2 : 0)
    }
  })
})
