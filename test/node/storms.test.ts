import { afterEach, it, vi } from 'vitest'
import { runStorms } from './storms-in-memory.ts'
import { runGoingAndComing, runStormsOnDisk } from './storms-on-disk.ts'

afterEach(() => void vi.restoreAllMocks())

// storms-in-memory.soak.test.ts and storms-on-disk.soak.test.ts run the same tests for longer.
it('after 200 storms of saves a game runs the last valid code with its state', () => runStorms(2, 100))

it('after 12 storms of saves of 6 files at once, in real time, it does so, too', () => runStormsOnDisk(2, 6))

it('files that are deleted and created repeatedly are always noticed', () => runGoingAndComing(10, 2))
