import type { Mods } from '../index.ts'
import { loadMods } from './load-mods.ts'
import { type Simulation, simulationError } from './simulation.ts'

/**
 * Loads the scripts of a simulation, and the mods at a path. Resolves with the mods. If one has a mistake, disposes of the runtime and rejects with the
 * mistake.
 */
export async function loadSimulation(simulation: Simulation, mods: string | undefined): Promise<Mods | undefined> {
  try {
    await simulation.load()
    return mods === undefined ? undefined : await loadMods(simulation, mods)
  } catch (error) {
    simulation.runtime.dispose()
    throw simulationError('the simulation could not be loaded', error)
  }
}
