import { PRICES } from '../../abi/prices.ts'
import { PAGE_BYTES } from '../../abi/types.ts'
import type { TextBoundary } from '../../wasm/instance/text-boundary.ts'
import { memoryPressure } from '../services/memory-pressure.ts'
import { MAX_MESSAGE_BYTES } from '../services/script-log.ts'
import { type FixedImport, type FixedModule, grantedByName, type Meanings, type MemoryUse } from './import-module.ts'

const INFO = 1
const MAX_I32 = 2 ** 31 - 1

export const host: FixedModule = grantedByName('host', {
  log: {
    params: ['i32', 'i32'],
    results: [],
    price: PRICES.log,
    passesText: true,
    refuses: true,
    implement:
      ({ log }, caller) =>
      (pointer: number, length: number) =>
        log.line(INFO, () => message(caller.text, pointer, length)),
  },
  log_level: {
    params: ['i32', 'i32', 'i32'],
    results: [],
    price: PRICES.log,
    passesText: true,
    refuses: true,
    implement:
      ({ log }, caller) =>
      (level: number, pointer: number, length: number) =>
        log.line(level, () => message(caller.text, pointer, length)),
  },
  time: {
    params: [],
    results: ['f64'],
    price: PRICES.read,
    implement:
      ({ clock }) =>
      () =>
        clock.time,
    word: ({ clock: { addresses } }) => addresses && { access: 'word', type: 'f64', address: addresses.time },
  },
  tick: {
    params: [],
    results: ['i32'],
    price: PRICES.read,
    implement:
      ({ clock }) =>
      () =>
        clock.tick,
    word: ({ clock: { addresses } }) => addresses && { access: 'word', type: 'i32', address: addresses.tick },
  },
  random: {
    params: [],
    results: ['f64'],
    price: PRICES.random,
    implement:
      ({ random }) =>
      () =>
        random.next(),
  },
  state_version: {
    params: [],
    results: ['i32'],
    price: PRICES.read,
    implement:
      ({ stateVersion }) =>
      () =>
        stateVersion(),
  },
  memory_used: ofMemory(({ pages }) => bytes(pages())),
  memory_limit: ofMemory(({ maxPages }) => bytes(maxPages())),
  memory_pressure: ofMemory(({ pages, maxPages }) => memoryPressure(pages(), maxPages())),
})

/** Reads a log message, cut off after {@link MAX_MESSAGE_BYTES}. */
function message(text: TextBoundary, pointer: number, length: number): string {
  return text.readString(pointer, length, MAX_MESSAGE_BYTES)
}

/** Returns pages in bytes, as a number that a script can compare. */
function bytes(pages: number): number {
  return Math.min(MAX_I32, pages * PAGE_BYTES)
}

/** Returns an import that reads the memory of the instance that calls it. */
function ofMemory(read: (use: MemoryUse) => number): Omit<FixedImport, 'permission'> {
  return { params: [], results: ['i32'], price: PRICES.read, implement: (_, caller) => () => read(caller.memoryUse) }
}

/** For the docs: a page does not download it. */
export const HOST_MEANINGS: Meanings = {
  'host::log': 'log a UTF-8 line (pointer, length) at info',
  'host::log_level': 'the same at 0 debug, 1 info, 2 warn, 3 error',
  'host::time': 'seconds simulated so far',
  'host::tick': 'ticks completed so far',
  'host::random': 'seeded, in [0, 1)',
  'host::state_version': 'in `set_state`: the state_version of the code that saved it, 0 if it gave none',
  'host::memory_used': 'bytes of the memory of the instance',
  'host::memory_limit': 'bytes that it may have: `limits.memoryPages`, or less where other instances have what `totalMemoryPages` allows',
  'host::memory_pressure': '0 below half of that limit, 1 from there on, 2 from 3/4, 3 from 7/8, 4 from 15/16',
}
