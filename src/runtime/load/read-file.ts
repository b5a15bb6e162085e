import { constants, type FileHandle, open } from 'node:fs/promises'
import { ScriptError } from '../../errors.ts'
import type { BoundedBytes } from './bounded-bytes.ts'

const PIECE_BYTES = 65_536

/** Reads a file into `bytes`, piece by piece. Rejects with `LoadFailed`, also for a device or a pipe, which may never end. */
export async function readFile(url: URL, bytes: BoundedBytes): Promise<void> {
  let file: FileHandle | undefined
  try {
    // Without O_NONBLOCK, opening a pipe waits for someone who writes to it.
    file = await open(url, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    const stats = await file.stat()
    if (!stats.isFile()) throw new ScriptError('LoadFailed', `${url.href} is ${stats.isDirectory() ? 'a folder' : 'not an ordinary file'}`)
    const piece = new Uint8Array(PIECE_BYTES)
    for (;;) {
      const { bytesRead } = await file.read(piece)
      if (bytesRead === 0) return
      bytes.add(piece.subarray(0, bytesRead))
    }
  } catch (cause) {
    if (cause instanceof ScriptError) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ScriptError('LoadFailed', `the file could not be read: ${reason}`, { cause })
  } finally {
    await file?.close()
  }
}
