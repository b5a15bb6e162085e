import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { ScriptError } from '../index.ts'

/**
 * Resolves with the content of a script's file, `undefined` if it cannot be read. Reads no more than `limit` bytes. Rejects with
 * `TooLarge`, and with `LoadFailed` for a device or a pipe, which may never end.
 */
export async function readScriptFile(file: string, limit: number): Promise<Uint8Array | undefined> {
  const stats = await stat(file).catch(() => undefined)
  if (stats === undefined || stats.isDirectory()) return undefined
  if (!stats.isFile()) throw new ScriptError('LoadFailed', `${file} is not an ordinary file`)
  const content = await buffer(createReadStream(file, { end: limit })).catch(() => undefined)
  if (content === undefined || content.length <= limit) return content
  throw new ScriptError('TooLarge', `${file} has more than ${limit} bytes, the limit (limits.moduleBytes)`)
}
