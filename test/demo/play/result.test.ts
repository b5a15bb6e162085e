import { beforeEach, expect, it, vi } from 'vitest'
import { bestResults } from '../../../demo/play/best.ts'
import { sayResult } from '../../../demo/play/result.ts'

beforeEach(() => {
  const kept = new Map<string, string>()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  })
  return () => {
    vi.unstubAllGlobals()
  }
})

const ended = { score: 900, earned: 900, wave: 2, seed: 7, isEdited: false }

it('a result has its place among the best', () => {
  expect(sayResult(ended)).toBe('Score 900 in wave 2. That is your best. This was game 7.')
  expect(sayResult({ ...ended, score: 800, earned: 800 })).toBe(
    'Score 800 in wave 2. That is number 2 of your best; the first is 900. This was game 7.',
  )
})

it('points of the autopilot do not count', () => {
  expect(sayResult({ ...ended, earned: 300 })).toBe(
    'Score 300 in wave 2. That is your best. The autopilot made 600 more, which do not count. This was game 7.',
  )
  expect(bestResults()).toEqual([{ score: 300, wave: 2, seed: 7 }])
})

it('a game with edited scripts is not among the best', () => {
  expect(sayResult({ ...ended, isEdited: true })).toBe(
    'Score 900 in wave 2. With edited scripts it is not among the best. This was game 7.',
  )
  expect(bestResults()).toEqual([])
})
