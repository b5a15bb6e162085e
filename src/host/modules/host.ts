import { PRICES } from '../../abi/prices.ts'
import type { TextBoundary } from '../../wasm/instance/text-boundary.ts'
import { MAX_MESSAGE_BYTES } from '../services/script-log.ts'
import { type FixedModule, grantedByName } from './import-module.ts'

const INFO = 1

export const host: FixedModule = grantedByName('host', {
  log: {
    params: ['i32', 'i32'],
    results: [],
    meaning: 'log a UTF-8 line (pointer, length) at info',
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
    meaning: 'the same at 0 debug, 1 info, 2 warn, 3 error',
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
    meaning: 'seconds simulated so far',
    price: PRICES.read,
    implement:
      ({ clock }) =>
      () =>
        clock.time,
  },
  tick: {
    params: [],
    results: ['i32'],
    meaning: 'ticks completed so far',
    price: PRICES.read,
    implement:
      ({ clock }) =>
      () =>
        clock.tick,
  },
  random: {
    params: [],
    results: ['f64'],
    meaning: 'seeded, in [0, 1)',
    price: PRICES.random,
    implement:
      ({ random }) =>
      () =>
        random.next(),
  },
  state_version: {
    params: [],
    results: ['i32'],
    meaning: 'in `set_state`: the state_version of the code that saved it, 0 if it gave none',
    price: PRICES.read,
    implement:
      ({ stateVersion }) =>
      () =>
        stateVersion(),
  },
})

/** Reads a log message, cut off after {@link MAX_MESSAGE_BYTES}. */
function message(text: TextBoundary, pointer: number, length: number): string {
  return text.readString(pointer, length, MAX_MESSAGE_BYTES)
}
