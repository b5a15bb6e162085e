import { ScriptError } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { toScriptError } from '../../src/engine/trap.ts'

describe('toScriptError', () => {
  it.each([
    [new WebAssembly.RuntimeError('divide by zero'), 'Trap'],
    [new RangeError('Maximum call stack size exceeded'), 'StackOverflow'],
    [new Error('too much recursion'), 'StackOverflow'],
    [new RangeError('WebAssembly.Memory.grow(): Unable to grow instance memory'), 'OutOfMemory'],
    [new TypeError('x is not a function'), 'HostError'],
    ['thrown text', 'HostError'],
  ])('returns the right code for %o', (error, code) => {
    expect(toScriptError(error)).toMatchObject({ code, cause: error })
  })

  it('returns a ScriptError unchanged', () => {
    const error = new ScriptError('InvalidPointer', 'there')
    expect(toScriptError(error)).toBe(error)
  })
})
