import { describe, expect, it } from 'vitest'
import { languageOf } from '../../src/node/languages.ts'

describe('--lang', () => {
  it.each(['wat', 'as', 'c', 'rust'])('takes %s', (name) => {
    expect(languageOf(name)).toBe(name)
  })

  it.each([
    ['rst', "It is no language; did you mean 'rust'?"],
    ['AssemblyScript', "Did you mean 'as'?"],
    ['cobol', 'It is no language; there are wat, as, c, rust'],
  ])('names what was probably meant by %s', (name, message) => {
    expect(() => languageOf(name)).toThrow(message)
  })
})
