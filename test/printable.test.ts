import { describe, expect, it } from 'vitest'
import { abbreviate, escapeControls, escapeLine } from '../src/printable.ts'

describe('escapeControls', () => {
  it.each([
    ['\u001b]52;c;ZWNobw==\u0007', '\\x1b]52;c;ZWNobw==\\x07'],
    ['\u009b2J\u0085\u007f\r\0', '\\x9b2J\\x85\\x7f\\x0d\\x00'],
    ['\u202e\u2066\u2069\u200f\u061c', '\\u202e\\u2066\\u2069\\u200f\\u061c'],
    ['a\u2028b\u2029c', 'a\\u2028b\\u2029c'],
  ])('escapes %j', (text, escaped) => expect(escapeControls(text)).toBe(escaped))

  it('keeps text, tabs and line feeds', () => {
    const text = '\tgröße 日本 😀 \u200d ‘→’ …\n\u00a0'
    expect(escapeControls(text)).toBe(text)
  })
})

describe('escapeLine', () => {
  it('escapes line feeds, too, so that a name cannot begin a line', () => {
    expect(escapeLine('tick\n✓ other.wat\u001b[K')).toBe('tick\\n✓ other.wat\\x1b[K')
  })
})

describe('abbreviate', () => {
  it.each([
    ['', 5, ''],
    ['abcde', 5, 'abcde'],
    ['abcdef', 5, 'ab…ef'],
    ['abcdef', 4, 'ab…f'],
    ['abcdef', 1, '…'],
  ])('cuts %j to %i characters: %j', (text, length, short) => {
    expect(abbreviate(text, length)).toBe(short)
  })
})
