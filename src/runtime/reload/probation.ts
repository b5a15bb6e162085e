import type { Generation } from '../../guest/script/program.ts'
import type { GameImage, Trial } from '../image/game-image.ts'
import { PageStore } from '../image/page-store.ts'
import { captureGame, restoreGame } from '../image/snapshot.ts'
import type { Script } from '../script/script.ts'
import { afterStep, type Store } from '../script/store.ts'

/** Trials inside each other that a script may have: each keeps a whole game. */
const MOST_TRIALS = 8

/** The images that trials of a runtime go back to. */
interface TrialImages {
  readonly store: PageStore
  /** An image that is needed although no trial has it: its trial has yet to begin, or the game is going back to it. */
  needed: GameImage | undefined
}

const imagesOf = new WeakMap<Store, TrialImages>()

/** Returns what going back will need, if there is to be a trial: to be called before anything of the new generation runs. */
export function imageForTrial(store: Store, script: Script): GameImage | undefined {
  // There is no going back to a generation that had trapped itself.
  if (script.options.probation === 0 || script.status !== 'active' || script.generation === undefined) return undefined
  const images = imagesOf.get(store) ?? { store: new PageStore(), needed: undefined }
  imagesOf.set(store, images)
  const image = images.store.take((keeper) => captureGame(store, keeper))
  images.needed = image
  releaseImages(store)
  return image
}

function need(store: Store, image: GameImage | undefined): void {
  const images = imagesOf.get(store)
  if (images !== undefined) images.needed = image
}

/** Releases the images that no trial goes back to. */
function releaseImages(store: Store): void {
  const images = imagesOf.get(store)
  if (images === undefined) return
  const used = new Set<object | undefined>(store.scripts.flatMap(({ trial }) => linksSince(trial, 0).map(({ image }) => image)))
  for (const image of images.store.images) if (!used.has(image) && image !== images.needed) images.store.release(image)
}

/**
 * Puts the generation that is about to be swapped in on trial. If the one that it replaces is itself on trial, that goes on
 * if it comes back.
 */
export function beginTrial(store: Store, script: Script, image: GameImage | undefined): void {
  const { generation: old, options } = script
  if (old === undefined) return
  if (image === undefined) {
    endTrial(store, script)
    release(store, [old])
    return
  }
  const trial: Trial = { image, old, order: store.trials++, ticksLeft: options.probation, failed: false, outer: script.trial }
  script.trial = trial
  need(store, undefined)
  const last = linksSince(trial, 0)[MOST_TRIALS - 1]
  if (last?.outer === undefined) return
  release(store, generationsOf(last.outer))
  last.outer = undefined
  releaseImages(store)
}

/** The new generation has passed, or is gone. */
export function endTrial(store: Store, script: Script): void {
  const { trial } = script
  if (trial === undefined) return
  script.trial = undefined
  release(store, generationsOf(trial))
  releaseImages(store)
}

/** Counts a tick of all trials. */
export function passTrials(store: Store): void {
  for (const script of store.scripts) {
    const { trial } = script
    if (trial !== undefined && !trial.failed && --trial.ticksLeft <= 0) endTrial(store, script)
  }
}

/**
 * Takes the code of all scripts that failed, and the world, back to the moment before the first of their swaps. What else
 * was swapped since keeps its code, and stays on trial: it would go back to that moment, too.
 */
export function rollBack(store: Store): void {
  const failed = store.scripts.filter(({ trial }) => trial?.failed === true)
  const orders = failed.map(({ trial }) => (trial as Trial).order)
  const first = failed.find(({ trial }) => trial?.order === Math.min(...orders))?.trial
  if (first === undefined) return
  const { image, order } = first
  const gone: Generation[] = []
  for (const script of store.scripts) {
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
  need(store, image)
  restoreGame(store, image, failed)
  release(store, gone)
  need(store, undefined)
  releaseImages(store)
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
function release(store: Store, generations: readonly Generation[]): void {
  afterStep(store, () => {
    for (const { queries } of generations) queries.dispose()
  })
}
