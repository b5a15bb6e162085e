import { afterEach, it, vi } from 'vitest'
import { runStorms } from './storms-in-memory.ts'
import { runGoingAndComing, runStormsOnDisk } from './storms-on-disk.ts'

afterEach(() => void vi.restoreAllMocks())

it('10,000 storms of saves leave a game running, with the last code that was valid and with its state', () => runStorms(100, 100))

it('240 storms of saves of 12 files at once, in real time, do so, too', () => runStormsOnDisk(20, 12))

it('files that go and come, again and again, are seen ever after', () => runGoingAndComing(40, 10))
