import { ScriptError } from '../../errors.ts'

/** Throws `TooLarge` if a source or a module has too many bytes. */
export function checkSize(what: string, bytes: number, limit: number): void {
  if (bytes > limit) throw new ScriptError('TooLarge', `${what} has ${bytes} bytes, the limit is ${limit} (limits.moduleBytes)`)
}
