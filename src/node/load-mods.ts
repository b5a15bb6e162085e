import { pathToFileURL } from 'node:url'
import { Mods } from '../index.ts'
import { isFolder, manifestsAt } from './mod-manifests.ts'
import type { Simulation } from './simulation.ts'

/**
 * Loads the mods at a path into the runtime of a simulation: those of a folder or of an index, or one manifest. Each gets what its manifest asks for. Rejects with the mistake of
 * the first mod that has one: then none is loaded.
 */
export async function loadMods({ runtime }: Simulation, path: string): Promise<Mods> {
  // A folder without mods is probably another one than was meant.
  await manifestsAt(path)
  const mods = new Mods(runtime)
  await mods.load(pathToFileURL((await isFolder(path)) ? `${path}/` : path))
  return mods
}
