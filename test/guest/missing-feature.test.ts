import { describe, expect, it } from 'vitest'
import { assembleWat } from '../../src/wasm/text/assemble.ts'
import { createGame, errorOf } from '../fixtures/game.ts'
import { tickScript } from '../fixtures/scripts.ts'

describe('a module that uses what this engine may not support', () => {
  it.each([
    ['more than one memory', '', '(memory $a 1) (memory $b 1)'],
    ['try_table and throw_ref', '(block $caught (try_table (catch $thrown $caught)))', '(tag $thrown)'],
    ['arithmetic in constant expressions', '', '(global i32 (i32.mul (i32.const 6) (i32.const 7)))'],
    ['arithmetic in constant expressions', '', '(memory 1) (data (i32.add (i32.const 6) (i32.const 7)) "x")'],
  ])('is loaded, or the engine is blamed: %s', async (what, body, declarations) => {
    const wat = tickScript(body, declarations)
    const { runtime } = await createGame()
    if (WebAssembly.validate(await assembleWat(wat, 'script.wat'))) {
      expect(runtime.script(await runtime.loadModule(wat)).status).toBe('active')
      return
    }
    const error = await errorOf(runtime.loadModule(wat))
    expect(error).toMatchObject({ code: 'EngineUnavailable', cause: { code: 'InvalidBinary' } })
    expect(error.detail).toBe(`this engine does not support ${what}, which the module uses; compile it without, or use a newer engine`)
  })

  it('is still blamed for a mistake of its own', async () => {
    const { runtime } = await createGame()
    // The binary of a function without a result that returns one.
    const bytes = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 97, 0, 0, 10, 6, 1, 4, 0, 65, 1, 11)
    expect(await errorOf(runtime.loadModule(bytes))).toMatchObject({ code: 'InvalidBinary' })
  })
})
