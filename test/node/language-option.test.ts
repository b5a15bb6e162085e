import { describe, expect, it } from 'vitest'
import { parseLanguage } from '../../src/node/language-option.ts'

describe('--lang', () => {
  it.each(['wat', 'as', 'c', 'rust'])('takes %s', (name) => {
    expect(parseLanguage(name)).toBe(name)
  })

  it.each([
    ['rst', "It is no language; did you mean 'rust'?"],
    ['AssemblyScript', "Did you mean 'as'?"],
    ['cobol', 'It is no language; there are wat, as, c, rust'],
  ])('names what was probably meant by %s', (name, message) => {
    expect(() => parseLanguage(name)).toThrow(message)
  })
})
