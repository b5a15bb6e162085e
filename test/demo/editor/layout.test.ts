import { describe, expect, it } from 'vitest'
import { isRunKey, type KeyPress } from '../../../demo/editor/layout.ts'

describe('the key that runs a text', () => {
  const none = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false }
  it.each<[string, KeyPress, boolean]>([
    ['Ctrl+S', { ...none, key: 's', code: 'KeyS', ctrlKey: true }, true],
    ['⌘S', { ...none, key: 's', code: 'KeyS', metaKey: true }, true],
    ['Ctrl+Ы, at the place of S', { ...none, key: 'ы', code: 'KeyS', ctrlKey: true }, true],
    ['Ctrl+S at another place', { ...none, key: 's', code: 'Semicolon', ctrlKey: true }, true],
    ['Ctrl+O at the place of S', { ...none, key: 'o', code: 'KeyS', ctrlKey: true }, false],
    ['S', { ...none, key: 's', code: 'KeyS' }, false],
    ['Ctrl+Shift+S', { ...none, key: 'S', code: 'KeyS', ctrlKey: true, shiftKey: true }, false],
  ])('%s', (_, key, isOne) => {
    expect(isRunKey(key)).toBe(isOne)
  })
})
