import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { moduleFiles } from '../files/module-files.ts'
import { describeGame } from '../index.ts'
import { escapeLine } from '../printable.ts'
import { PRINTERS } from './bindings/printers.ts'
import { hasGenerated, type UpdatedFile, updateFiles } from './bindings/update-files.ts'
import type { LanguageName } from './language-option.ts'
import { style } from './output.ts'
import { shortPath } from './short-path.ts'
import type { Simulation } from './simulation.ts'

/** The folder of the package with the part of each generated file that no game changes. */
const LIBRARIES = new URL(/* @vite-ignore */ '../../bindings/', import.meta.url)

/** Resolves with the part of the bindings that no game changes. */
export function bindingsLibrary(name: LanguageName): Promise<string> {
  return readFile(new URL(PRINTERS[name].file, LIBRARIES), 'utf8')
}

/**
 * Writes the generated bindings beside a simulation and its scripts anew where the game has changed. `isComplete` says whether all scripts are
 * loaded. Rejects with `LoadFailed`.
 */
export async function updateGameFiles(sim: string, simulation: Simulation, isComplete: boolean): Promise<readonly UpdatedFile[]> {
  const folders = await foldersOf(sim, simulation)
  return updateFiles(describeGame(simulation.runtime), { folders, isComplete, library: bindingsLibrary })
}

/** Resolves with whether there are generated bindings beside a simulation and its scripts. */
export async function hasGameFiles(sim: string, simulation: Simulation): Promise<boolean> {
  return hasGenerated(await foldersOf(sim, simulation))
}

/** Resolves with the folders of a simulation's modules and scripts. */
async function foldersOf(sim: string, { runtime, folder }: Simulation): Promise<ReadonlySet<string>> {
  const files = new Set(await moduleFiles(sim))
  for (const url of runtime.scripts().flatMap((script) => script.files)) if (url.protocol === 'file:') files.add(fileURLToPath(url))
  const folders = new Set([...files].map((file) => dirname(file)))
  if (folder !== undefined) folders.add(fileURLToPath(folder).replace(/[/\\]$/, ''))
  return folders
}

/** Returns a line about a generated file. */
export function formatUpdate({ file, state }: UpdatedFile): string {
  const name = style.bold(escapeLine(shortPath(file)))
  return state === 'written'
    ? `${style.green('✓')} ${name} is written anew: the game has changed`
    : `${style.yellow('!')} ${name} was edited, so it is not kept up to date`
}
