import { ScriptError } from '../index.ts'
import { formatMistake } from './format-report.ts'
import { printError, style } from './output.ts'
import { type Simulation, simulationError } from './simulation.ts'

/**
 * Loads the scripts of a simulation, to see what they import and handle. What is made of it may be what one of them is to be written with,
 * so a script may have a mistake: prints it, and what is missing then.
 * Resolves with whether all were loaded.
 */
export async function loadQuietly(simulation: Simulation, missing: string): Promise<boolean> {
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
