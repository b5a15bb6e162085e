import { constants, type FileHandle, open, readdir } from 'node:fs/promises'
import { ScriptError } from '../../errors.ts'
import type { BoundedBytes } from './bounded-bytes.ts'
import { fileCompiler } from './file-compiler.ts'

const PIECE_BYTES = 65_536

/** Sources that only development tools compile. */
const SOURCE = /\.(c|rs|ts)$/i

/**
 * Reads a file into `bytes`, piece by piece; of a source in another language, its module. Rejects with `LoadFailed`, also for a device or a pipe,
 * which may never end, and with the mistakes of a source.
 */
export async function readFile(url: URL, bytes: BoundedBytes): Promise<void> {
  if (!SOURCE.test(url.pathname)) return readBytes(url, bytes)
  const compiler = fileCompiler()
  if (compiler !== undefined) bytes.add(await compiler.compileUrl(url))
  else {
    const advice = "run 'bitscript build' to make a module of it, or start Node with --import bitscript/register"
    throw new ScriptError('LoadFailed', `${url.href} is a source, which only development tools compile: ${advice}`)
  }
}

async function readBytes(url: URL, bytes: BoundedBytes): Promise<void> {
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

/** Resolves with the URLs of the files in a folder and in the folders in it, sorted. Rejects with `LoadFailed`. */
export async function listFolder(url: URL): Promise<readonly URL[]> {
  const folder = url.pathname.endsWith('/') ? url : new URL(`${url.href}/`)
  try {
    const files: URL[] = []
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const found = new URL(encodeURIComponent(entry.name), folder)
      if (!entry.isDirectory()) files.push(found)
      else if (!entry.name.startsWith('.') && entry.name !== 'node_modules') {
        for (const name of await readdir(found)) files.push(new URL(encodeURIComponent(name), `${found.href}/`))
      }
    }
    return files.sort((one, other) => (one.href < other.href ? -1 : 1))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ScriptError('LoadFailed', `the folder could not be read: ${reason}`, { cause })
  }
}
