import { afterStep, type Core } from './core.ts'
import type { Script } from './script.ts'
import { captureGame, restoreGame } from './snapshot.ts'

/** Keeps what is needed to go back, before a generation is swapped for another. */
export function beginTrial(core: Core, script: Script): void {
  const { generation: old, options } = script
  if (old === undefined) return
  const isSound = script.status === 'active'
  endTrial(core, script)
  // There is no going back to a generation that had trapped itself.
  if (options.probation === 0 || !isSound) afterStep(core, () => old.queries.dispose())
  else script.trial = { image: captureGame(core), old, ticksLeft: options.probation }
}

/** The new generation has passed, or is gone. */
export function endTrial(core: Core, script: Script): void {
  const { trial } = script
  if (trial === undefined) return
  script.trial = undefined
  afterStep(core, () => trial.old.queries.dispose())
}

/** Counts a tick of all trials. */
export function passTrials(core: Core): void {
  for (const script of core.scripts) if (script.trial !== undefined && --script.trial.ticksLeft <= 0) endTrial(core, script)
}

/** Takes code and world back to the moment before the swap. */
export function rollBack(core: Core, script: Script): void {
  const { trial, generation } = script
  if (trial === undefined) return
  script.trial = undefined
  // What was swapped since has its trial behind it: the moment before it is no more.
  for (const other of core.scripts) if (other.trial !== undefined && other.trial.image.tick >= trial.image.tick) endTrial(core, other)
  restoreGame(core, trial.image, script)
  generation?.queries.dispose()
}
