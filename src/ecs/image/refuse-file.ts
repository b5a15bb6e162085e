import { ScriptError } from '../../errors.ts'
import { abbreviate } from '../../printable.ts'

/** A name in a file may have any length. */
const MAX_CLAUSE = 300

/** Throws `StateRejected` for a file that holds what no game can be in. */
export function refuseFile(what: string): never {
  throw new ScriptError('StateRejected', `the snapshot holds no game: ${abbreviate(what, MAX_CLAUSE)}. Take it from a game again`)
}

/** Throws `StateRejected` for a file of a game that differs from this one. `advice` says what to do about it. */
export function refuseOther(
  what: string,
  advice = 'Use a snapshot of a game that has no other components, fields and relations than this one',
): never {
  throw new ScriptError('StateRejected', `the snapshot is of another game: ${abbreviate(what, MAX_CLAUSE)}. ${advice}`)
}
