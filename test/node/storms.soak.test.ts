import { afterEach, it, vi } from 'vitest'
import { runStorms } from './storms-in-memory.ts'
import { runGoingAndComing, runStormsOnDisk } from './storms-on-disk.ts'

afterEach(() => void vi.restoreAllMocks())

it('after 10,000 storms of saves a game runs the last valid code with its state', () => runStorms(100, 100))

it('after 10,080 storms of saves of 24 files at once, on disk and in real time, it does so, too', () => runStormsOnDisk(420, 24))

it('files that are deleted and created repeatedly are always noticed', () => runGoingAndComing(40, 10))
