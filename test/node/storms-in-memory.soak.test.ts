import { afterEach, it, vi } from 'vitest'
import { soakSize } from '../fixtures/soak-size.ts'
import { runStorms } from './storms-in-memory.ts'

const SERIES = soakSize(3)
const STORMS = 100

afterEach(() => void vi.restoreAllMocks())

it(`after ${SERIES * STORMS} storms of saves a game runs the last valid code with its state`, () => runStorms(SERIES, STORMS))
