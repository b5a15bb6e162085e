import { pathToFileURL } from 'node:url'
import { Mods } from '../index.ts'
import { manifestsAt } from './mod-manifests.ts'
import type { Simulation } from './simulation.ts'

/**
 * Loads the mods of a folder into the runtime of a simulation. Each gets what its manifest asks for. Rejects with the mistake of
 * the first mod that has one: then none is loaded.
 */
export async function loadMods({ runtime }: Simulation, folder: string): Promise<Mods> {
  // A folder without mods is probably another one than was meant.
  await manifestsAt(folder)
  const mods = new Mods(runtime)
  await mods.load(pathToFileURL(`${folder}/`))
  return mods
}
