import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Returns the folder of a file and those around it, up to the one with a package.json; the folder alone if there is none. */
export function packageFolders(file: string): readonly string[] {
  const folders: string[] = []
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    folders.push(folder)
    if (existsSync(join(folder, 'package.json'))) return folders
    if (dirname(folder) === folder) return folders.slice(0, 1)
  }
}
