import { realpathSync } from 'node:fs'
import { basename, dirname } from 'node:path'

/** Returns whether two paths name the same entry of the same folder, which links may lead to in different ways. */
export function sameFile(one: string, other: string): boolean {
  if (one === other) return true
  return basename(one) === basename(other) && realFolder(dirname(one)) === realFolder(dirname(other))
}

function realFolder(folder: string): string {
  try {
    return realpathSync.native(folder)
  } catch {
    return folder
  }
}
