import { ScriptError } from '../index.ts'
import { shortPath } from './short-path.ts'

const REASONS: Readonly<Partial<Record<string, string>>> = {
  ENOENT: 'there is no such file or folder',
  EISDIR: 'it is a folder',
  ENOTDIR: 'its path leads through a file',
  EEXIST: 'its path leads through a file',
  EACCES: 'you have no right to do so',
  EPERM: 'you have no right to do so',
  ENAMETOOLONG: 'its path is too long',
  EROFS: 'it is on a disk that cannot be written to',
}

/** Returns why a file could not be read or written. */
export function fileReason(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException
  return REASONS[code ?? ''] ?? message
}

/** Returns the error for a file or a folder that cannot be read. */
export function readFailed(path: string, cause: unknown): ScriptError {
  return new ScriptError('LoadFailed', `${shortPath(path)} cannot be read: ${fileReason(cause)}`, { cause })
}

/** Returns the error for a file that cannot be written. It was named by whoever made the call, so it is `InvalidOptions`. */
export function writeFailed(file: string, cause: unknown): ScriptError {
  return new ScriptError('InvalidOptions', `${shortPath(file)} cannot be written: ${fileReason(cause)}`, { cause })
}
