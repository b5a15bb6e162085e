import { DebugSession, Past } from 'bitscript/debug'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createGame } from '../../fixtures/game.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a session of a game that runs on', () => {
  it('looks for stops no more when it was closed before it began to', async () => {
    const { runtime } = await createGame()
    const past = new Past(runtime)
    runtime.tick(1 / 64)
    const session = new DebugSession(past, { title: 'game', isLive: true, send: () => undefined })
    await session.handle('configurationDone', {})
    session.close()
    await vi.advanceTimersByTimeAsync(2000)
    expect(vi.getTimerCount()).toBe(0)
  })
})
