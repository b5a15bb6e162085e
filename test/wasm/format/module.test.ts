import { describe, expect, it } from 'vitest'
import { decodeModule } from '../../../src/wasm/decode/decode.ts'
import { exportedFunction, formatFunctionType, sameFunctionType } from '../../../src/wasm/format/module.ts'
import { assembleWat } from '../../../src/wasm/text/assemble.ts'

describe('formatFunctionType', () => {
  it.each([
    ['() → ()', [], []],
    ['(i32) → f32', ['i32'], ['f32']],
    ['(i32, f32) → ()', ['i32', 'f32'], []],
    ['() → (i32, i32)', [], ['i32', 'i32']],
    ['((ref null 3)) → funcref', ['(ref null 3)'], ['funcref']],
  ])('%s', (formatted, params, results) => {
    expect(formatFunctionType({ params, results })).toBe(formatted)
  })
})

describe('sameFunctionType', () => {
  const type = { params: ['i32', 'f32'], results: ['i64'] }

  it.each([
    ['has the same parameters and results', { params: ['i32', 'f32'], results: ['i64'] }, true],
    ['has them in another order', { params: ['f32', 'i32'], results: ['i64'] }, false],
    ['has fewer parameters', { params: ['i32'], results: ['i64'] }, false],
    ['has another result', { params: ['i32', 'f32'], results: ['f64'] }, false],
    ['has its result as a parameter', { params: ['i32', 'f32', 'i64'], results: [] }, false],
  ])('a type that %s', (_, other, same) => {
    expect(sameFunctionType(type, other)).toBe(same)
    expect(sameFunctionType(other, type)).toBe(same)
  })
})

describe('exportedFunction', () => {
  it('returns the type of the function of that name only', async () => {
    const module = decodeModule(
      await assembleWat(
        `(module
          (import "host" "log" (func $log (param i32 i32)))
          (export "log" (func $log))
          (func (export "update") (param i32 f32))
          (global (export "level") i32 (i32.const 0)))`,
        'module.wat',
      ),
    )
    expect(exportedFunction(module, 'log')).toEqual({ params: ['i32', 'i32'], results: [] })
    expect(exportedFunction(module, 'update')).toEqual({ params: ['i32', 'f32'], results: [] })
    expect(exportedFunction(module, 'level')).toBeUndefined()
    expect(exportedFunction(module, 'tick')).toBeUndefined()
  })
})
