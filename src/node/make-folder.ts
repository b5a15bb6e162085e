import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isFolder } from './mod-manifests.ts'

/**
 * Makes a folder, and those around it that are missing. Rejects with the error of the system. The `recursive` of `mkdir` does not end where a folder
 * exists and refuses new ones as missing, as /proc does.
 */
export async function makeFolder(folder: string): Promise<void> {
  if (await isFolder(folder)) return
  const parent = dirname(folder)
  if (parent !== folder) await makeFolder(parent)
  await mkdir(folder).catch(async (cause) => {
    // Someone else may have made it in the meantime.
    if (!(await isFolder(folder))) throw cause
  })
}
