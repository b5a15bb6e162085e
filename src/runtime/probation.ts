import { afterStep, type Core } from './core.ts'
import type { Script } from './script.ts'
import type { GameImage, Trial } from './time/game-image.ts'
import { captureGame, restoreGame } from './time/snapshot.ts'

/** What going back will need, if there is to be a trial: to be called before anything of the new generation runs. */
export function imageForTrial(core: Core, script: Script): GameImage | undefined {
  // There is no going back to a generation that had trapped itself.
  return script.options.probation > 0 && script.status === 'active' && script.generation !== undefined ? captureGame(core) : undefined
}

/** Puts the generation that is about to be swapped in on trial. */
export function beginTrial(core: Core, script: Script, image: GameImage | undefined): void {
  const { generation: old, options } = script
  endTrial(core, script)
  if (old === undefined) return
  if (image === undefined) afterStep(core, () => old.queries.dispose())
  else script.trial = { image, old, order: core.trials++, ticksLeft: options.probation, failed: false }
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
  for (const script of core.scripts) {
    const { trial } = script
    if (trial !== undefined && !trial.failed && --trial.ticksLeft <= 0) endTrial(core, script)
  }
}

/** Takes the code of all scripts that failed, and the world, back to the moment before the first of their swaps. */
export function rollBack(core: Core): void {
  const failed = core.scripts.filter(({ trial }) => trial?.failed === true)
  const first = failed.reduce<Trial | undefined>(
    (earliest, { trial }) => (earliest === undefined || (trial as Trial).order < earliest.order ? trial : earliest),
    undefined,
  )
  if (first === undefined) return
  const tried = failed.map(({ generation }) => generation)
  for (const script of failed) script.trial = undefined
  // Of what was swapped since, the moment before is no more: it has passed.
  for (const other of core.scripts) if (other.trial !== undefined && other.trial.order > first.order) endTrial(core, other)
  restoreGame(core, first.image, failed)
  for (const generation of tried) generation?.queries.dispose()
}
