import type { Mods } from '../index.ts'
import { type Simulation, simulationError } from './simulation.ts'

/**
 * Loads the scripts of a simulation, and the mods at a path. Resolves with the mods. If one has a mistake, disposes of the runtime and rejects with the
 * mistake.
 */
export async function loadSimulation(simulation: Simulation, mods: string | undefined): Promise<Mods | undefined> {
  try {
    await simulation.load()
    // Few games have mods, and their code takes long to load.
    return mods === undefined ? undefined : await (await import('./load-mods.ts')).loadMods(simulation, mods)
  } catch (error) {
    simulation.runtime.dispose()
    throw simulationError('the simulation could not be loaded', error)
  }
}
