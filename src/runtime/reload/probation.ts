import type { Generation } from '../../guest/script/program.ts'
import type { GameImage, Trial } from '../image/game-image.ts'
import { captureGame, restoreGame } from '../image/snapshot.ts'
import type { Script } from '../script/script.ts'
import { afterStep, type Core } from '../script/store.ts'

/** Trials inside each other that a script may have: each keeps a whole game. */
const MOST_TRIALS = 8

/** What going back will need, if there is to be a trial: to be called before anything of the new generation runs. */
export function imageForTrial(core: Core, script: Script): GameImage | undefined {
  // There is no going back to a generation that had trapped itself.
  return script.options.probation > 0 && script.status === 'active' && script.generation !== undefined ? captureGame(core) : undefined
}

/**
 * Puts the generation that is about to be swapped in on trial. If the one that it replaces is itself on trial, that goes on
 * if it comes back.
 */
export function beginTrial(core: Core, script: Script, image: GameImage | undefined): void {
  const { generation: old, options } = script
  if (old === undefined) return
  if (image === undefined) {
    endTrial(core, script)
    release(core, [old])
    return
  }
  const trial: Trial = { image, old, order: core.trials++, ticksLeft: options.probation, failed: false, outer: script.trial }
  script.trial = trial
  const last = linksSince(trial, 0)[MOST_TRIALS - 1]
  if (last?.outer === undefined) return
  release(core, generationsOf(last.outer))
  last.outer = undefined
}

/** The new generation has passed, or is gone. */
export function endTrial(core: Core, script: Script): void {
  const { trial } = script
  if (trial === undefined) return
  script.trial = undefined
  release(core, generationsOf(trial))
}

/** Counts a tick of all trials. */
export function passTrials(core: Core): void {
  for (const script of core.scripts) {
    const { trial } = script
    if (trial !== undefined && !trial.failed && --trial.ticksLeft <= 0) endTrial(core, script)
  }
}

/**
 * Takes the code of all scripts that failed, and the world, back to the moment before the first of their swaps. What else
 * was swapped since keeps its code, and stays on trial: it would go back to that moment, too.
 */
export function rollBack(core: Core): void {
  const failed = core.scripts.filter(({ trial }) => trial?.failed === true)
  const orders = failed.map(({ trial }) => (trial as Trial).order)
  const first = failed.find(({ trial }) => trial?.order === Math.min(...orders))?.trial
  if (first === undefined) return
  const { image, order } = first
  const gone: Generation[] = []
  for (const script of core.scripts) {
    const { trial, generation } = script
    const links = linksSince(trial, order)
    const oldest = links.at(-1)
    if (trial === undefined || oldest === undefined) continue
    gone.push(...links.slice(0, -1).map(({ old }) => old))
    if (!failed.includes(script)) script.trial = { ...oldest, image, ticksLeft: trial.ticksLeft }
    else {
      if (generation !== undefined) gone.push(generation)
      script.trial = oldest.outer
    }
  }
  restoreGame(core, image, failed)
  release(core, gone)
}

/** A trial and those that it is inside of, the innermost first, as far as they began with one of this order or later. */
function linksSince(trial: Trial | undefined, order: number): Trial[] {
  const links: Trial[] = []
  for (let link = trial; link !== undefined && link.order >= order; link = link.outer) links.push(link)
  return links
}

function generationsOf(trial: Trial): Generation[] {
  return linksSince(trial, 0).map(({ old }) => old)
}

/** Generations that nothing goes back to any more. */
function release(core: Core, generations: readonly Generation[]): void {
  afterStep(core, () => {
    for (const { queries } of generations) queries.dispose()
  })
}
