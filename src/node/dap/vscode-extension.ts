import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFailed } from '../file-error.ts'
import { makeFolder } from '../make-folder.ts'
import { print, style } from '../output.ts'
import { shortPath } from '../short-path.ts'

/** The folder of the package with the files that games get. */
const EXTENSION = new URL(/* @vite-ignore */ '../../templates/base/.vscode/extensions/bitscript/', import.meta.url)
/** Where VS Code looks for the extensions of a folder. */
const FOLDER = '.vscode/extensions/bitscript'
const FILES = ['package.json', 'adapter.cjs'] as const

/** Writes the extension for VS Code into a project. Resolves with the exit code. Rejects with `InvalidOptions` if it cannot be written. */
export async function writeExtension(project: string): Promise<number> {
  const folder = join(project, FOLDER)
  try {
    await makeFolder(folder)
    for (const name of FILES) await writeFile(join(folder, name), await readFile(new URL(name, EXTENSION)))
  } catch (cause) {
    throw writeFailed(folder, cause)
  }
  print(`${style.green('✓')} ${shortPath(folder)} is written.
In VS Code: Extensions, search for @recommended, and install "bitscript" of this workspace. Then add to .vscode/launch.json:

  { "name": "A recording", "type": "bitscript", "request": "launch", "recording": "\${workspaceFolder}/game.rec" }`)
  return 0
}
