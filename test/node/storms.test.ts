import { afterEach, it, vi } from 'vitest'
import { runStorms } from './storms-in-memory.ts'
import { runGoingAndComing, runStormsOnDisk } from './storms-on-disk.ts'

afterEach(() => void vi.restoreAllMocks())

// storms.soak.test.ts has the same, longer.
it('400 storms of saves leave a game running, with the last code that was valid and with its state', () => runStorms(4, 100))

it('12 storms of saves of 6 files at once, in real time, do so, too', () => runStormsOnDisk(2, 6))

it('files that go and come, again and again, are seen ever after', () => runGoingAndComing(10, 2))
