import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { readFailed } from './file-error.ts'

/** Resolves with what is in a folder. Rejects with `LoadFailed` if it cannot be read. */
export async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (cause) {
    throw readFailed(folder, cause)
  }
}
