import { readFile as read } from 'node:fs/promises'
import { ScriptError } from '../../errors.ts'

/** Resolves with the bytes of a file. Rejects with `LoadFailed`. */
export async function readFile(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await read(url))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ScriptError('LoadFailed', `the file could not be read: ${reason}`, { cause })
  }
}
