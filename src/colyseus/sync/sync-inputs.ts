import * as v from 'valibot'
import { checkOptions, positive } from '../../options.ts'
import { InputsEncoder } from './inputs-encoder.ts'
import type { Sync } from './sync.ts'

/** Options of {@link inputs}. */
export interface InputsOptions {
  /** Seconds between two hashes of the world, by which a client finds that its own differs. @default 1 */
  readonly hashEvery?: number
}

const inputsOptions = v.strictObject({ hashEvery: v.optional(positive) }, 'an object of options')

/**
 * Sends clients the whole game once, then only what entered it from outside: each client runs the same game, in lockstep. It costs the fewest bytes,
 * whatever the number of entities, and every client knows all of the game.
 *
 * Once a second there is a hash of the world. A client whose world differs asks for the whole game again.
 *
 * @example
 * ```ts
 * sync = inputs()
 * ```
 *
 * @throws {ScriptError} InvalidOptions
 */
export function inputs(options: InputsOptions = {}): Sync {
  checkOptions(inputsOptions, options, 'inputs')
  const { hashEvery = 1 } = options
  return Object.freeze<Sync>({
    kind: 'inputs',
    open: (source) => new InputsEncoder(source, { kind: 'inputs', hashEvery: Math.max(1, Math.round(hashEvery * source.hz)) }),
  })
}
