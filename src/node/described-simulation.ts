import { ScriptError } from '../index.ts'
import { formatMistake } from './format-report.ts'
import { printError, style } from './output.ts'
import { importSimulation, type Simulation, simulationError } from './simulation.ts'

/**
 * Calls `use` with a simulation whose scripts are loaded to see what they import and handle, and with whether all of them are. What is made of it
 * may be what one of them is to be written with, so a script may have a mistake: prints it, and what is missing then.
 */
export async function describeSimulation(
  sim: string,
  missing: string,
  use: (simulation: Simulation, isComplete: boolean) => Promise<void>,
): Promise<void> {
  const create = await importSimulation(sim)
  const simulation = await create({ seed: 0 })
  try {
    await use(simulation, await load(simulation, missing))
  } finally {
    simulation.runtime.dispose()
  }
}

/** Loads the scripts of a simulation. Resolves with whether all are loaded. */
async function load(simulation: Simulation, missing: string): Promise<boolean> {
  const { runtime } = simulation
  // Without listeners, log lines would go to the standard output.
  for (const event of ['log', 'error'] as const) runtime.on(event, () => undefined)
  try {
    await simulation.load()
    return true
  } catch (error) {
    if (!(error instanceof ScriptError)) throw simulationError('the simulation could not be loaded', error)
    printError(formatMistake(error))
    printError(style.yellow(`! the scripts behind it were not loaded: ${missing}`))
    return false
  }
}
