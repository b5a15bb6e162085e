import { readFileSync, realpathSync, statSync } from 'node:fs'
import { constants, type FileHandle, open, readdir } from 'node:fs/promises'
import { dirname, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ScriptError } from '../../errors.ts'
import type { BoundedBytes } from './bounded-bytes.ts'
import { fileCompiler, SOURCE_EXTENSIONS } from './file-compiler.ts'

const PIECE_BYTES = 65_536
/** Bytes of a source map, or of a source, that is read because of a trap. */
const MAX_SOURCE_BYTES = 8 * 1024 * 1024

/**
 * Reads a file into `bytes`, piece by piece; of a source in another language, its module. `bounded` runs what reads the file within the time that this may
 * take; a compiler has a limit of its own. Rejects with `LoadFailed`, also for a device or a pipe, which may never end, and with the mistakes of a source.
 */
export async function readFile(url: URL, bytes: BoundedBytes, bounded: (read: () => Promise<void>) => Promise<void>): Promise<void> {
  const compiler = fileCompiler()
  if (compiler?.handles(url.pathname) === true) return bytes.add(await compiler.compileUrl(url))
  const path = url.pathname.toLowerCase()
  if (!SOURCE_EXTENSIONS.some((extension) => path.endsWith(extension))) return bounded(() => readBytes(url, bytes))
  const advice = "run 'bitscript build' to make a module of it, or start Node with --import bitscript/register"
  throw new ScriptError('LoadFailed', `${url.href} is a source, which only development tools compile: ${advice}`)
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

/**
 * Returns a function that reads a text in the folder of a module or in the folders below, at once; `undefined` if there is none. The module chooses the
 * paths: hidden files, and what links lead out of the folder, are not read.
 */
export function readerBeside(module: URL): (path: string) => string | undefined {
  return (path) => {
    try {
      const folder = realpathSync(dirname(fileURLToPath(module)))
      const file = realpathSync(resolve(folder, path))
      const parts = relative(folder, file).split(sep)
      if (!file.startsWith(folder) || parts.some((part) => part.startsWith('.'))) return undefined
      const stats = statSync(file)
      return stats.isFile() && stats.size <= MAX_SOURCE_BYTES ? readFileSync(file, 'utf8') : undefined
    } catch {
      return undefined
    }
  }
}
