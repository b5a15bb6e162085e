import { beforeEach, describe, expect, it, vi } from 'vitest'
import { bestResults, keepResult } from '../../../demo/play/best.ts'

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

const result = (score: number) => ({ score, wave: 1, seed: 7 })

describe('the best results', () => {
  it('are five at most, the best first', () => {
    for (const score of [30, 10, 50, 20, 60, 40]) keepResult(result(score))
    expect(bestResults()).toEqual([60, 50, 40, 30, 20].map(result))
  })

  it('have no games without points', () => {
    expect(keepResult(result(0))).toEqual([])
  })

  it('leave out what another page wrote there', () => {
    localStorage.setItem('bitscript-swarm-scores', '[{"score":"many"},null,{"score":5,"wave":1,"seed":7}]')
    expect(bestResults()).toEqual([result(5)])
    localStorage.setItem('bitscript-swarm-scores', 'nonsense')
    expect(bestResults()).toEqual([])
  })

  it('are none in a browser without storage', () => {
    vi.stubGlobal('localStorage', undefined)
    expect(keepResult(result(10))).toEqual([result(10)])
    expect(bestResults()).toEqual([])
  })
})
