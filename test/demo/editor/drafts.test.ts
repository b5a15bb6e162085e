import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { keepModules, readModules } from '../../../demo/editor/drafts.ts'

beforeEach(() => {
  const kept = new Map<string, string>()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  })
})

afterEach(() => void vi.unstubAllGlobals())

it('keeps a module of any length', () => {
  const module = Uint8Array.from({ length: 300_000 }, (_, index) => index % 256)
  keepModules(new Map([['hunter', { text: 'hunter.ts', module }]]))
  expect(readModules().get('hunter')).toEqual({ text: 'hunter.ts', module })
})

it('forgets the modules of texts that are no longer run', () => {
  keepModules(new Map([['hunter', { text: 'hunter.ts', module: new Uint8Array(8) }]]))
  keepModules(new Map())
  expect(readModules()).toEqual(new Map())
})
