import { describeThrown, ScriptError } from '../../errors.ts'
import { findMistake } from '../../options.ts'
import type { GameInput } from '../api/input-log.ts'
import { decode, encode } from '../image/codec.ts'
import { gameInputsSchema } from './recording-schema.ts'

/** Throws `LoadFailed` for what are no inputs of a game. */
export function checkInputs(inputs: readonly GameInput[]): void {
  const mistake = findMistake(gameInputsSchema, inputs)
  if (mistake !== undefined) throw new ScriptError('LoadFailed', `no game can have had these inputs: ${mistake}`)
}

/**
 * Encodes inputs as bytes, to send or to append to a log. Inputs that are encoded together need fewer bytes.
 *
 * @throws {ScriptError} InvalidOptions for a value that bytes cannot hold, such as an instance of a class
 * @example
 * runtime.on('input', (input) => log.append(encodeInputs([input])))
 */
export function encodeInputs(inputs: readonly GameInput[]): Uint8Array<ArrayBuffer> {
  try {
    return encode(inputs)
  } catch (cause) {
    throw new ScriptError('InvalidOptions', `an input holds a value that cannot be encoded: ${describeThrown(cause)}`, { cause })
  }
}

/**
 * Decodes what `encodeInputs` returned. The bytes may come from anyone: all of them are checked, in time in proportion to their length. But
 * inputs can hold code: see `PlayOptions.load`.
 *
 * @throws {ScriptError} LoadFailed for other bytes, and for inputs that no game can have had
 * @example
 * await player.play(decodeInputs(bytes))
 */
export function decodeInputs(bytes: Uint8Array): readonly GameInput[] {
  const inputs = decode(bytes) as readonly GameInput[]
  checkInputs(inputs)
  return inputs
}
