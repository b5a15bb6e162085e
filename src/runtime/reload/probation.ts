import { type ScriptError, withDetail } from '../../errors.ts'
import { captureGame, restoreGame } from '../image/game.ts'
import type { GameImage } from '../image/game-image.ts'
import { PageStore } from '../image/page-store.ts'
import type { Generation } from '../script/generation.ts'
import type { Script } from '../script/script.ts'
import { afterStep } from '../script/step.ts'
import type { Store } from '../script/store.ts'

/** The time in which a new generation has to show that it does not trap. */
interface Probation {
  /** The game at the moment before the swap. */
  readonly image: GameImage
  /** The generation to go back to. */
  readonly old: Generation
  /** Counts probations in the order in which they began. */
  readonly order: number
  ticksLeft: number
  /** Whether the new generation has trapped. */
  failed: boolean
  /** The probation of the old generation itself. */
  outer: Probation | undefined
}

/** Probations inside each other that a script may have: each keeps a whole game. */
const MAX_PROBATIONS = 8

const probations = new WeakMap<Script, Probation>()
let begun = 0

/** The images that the probations of a runtime go back to. */
interface ProbationImages {
  readonly store: PageStore
  /** An image that is needed although no probation has it: its probation has yet to begin, or the game is going back to it. */
  needed: GameImage | undefined
}

const imagesOf = new WeakMap<Store, ProbationImages>()

/** Returns the image to go back to, if there is to be a probation. Must be called before anything of the new generation runs. */
export function imageForProbation(store: Store, script: Script): GameImage | undefined {
  // There is no going back to a generation that had trapped itself.
  if (script.options.probation === 0 || script.status !== 'active' || script.running === undefined) return undefined
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

/** Releases the images that no probation goes back to. */
function releaseImages(store: Store): void {
  const images = imagesOf.get(store)
  if (images === undefined) return
  const used = new Set<object | undefined>(
    store.scripts.flatMap((script) => linksSince(probations.get(script), 0).map(({ image }) => image)),
  )
  for (const image of images.store.images) if (!used.has(image) && image !== images.needed) images.store.release(image)
}

/**
 * Puts the generation that is about to be swapped in on probation. If the one that it replaces is itself on probation, that
 * goes on if it comes back.
 */
export function beginProbation(store: Store, script: Script, image: GameImage | undefined): void {
  const old = script.running?.generation
  if (old === undefined) return
  if (image === undefined) {
    endProbation(store, script)
    release(store, [old])
    return
  }
  const { probation: ticksLeft } = script.options
  const probation: Probation = { image, old, order: begun++, ticksLeft, failed: false, outer: probations.get(script) }
  probations.set(script, probation)
  need(store, undefined)
  const last = linksSince(probation, 0)[MAX_PROBATIONS - 1]
  if (last?.outer === undefined) return
  release(store, generationsOf(last.outer))
  last.outer = undefined
  releaseImages(store)
}

/** Ends the probation of a script: the new generation has passed, or is gone. */
export function endProbation(store: Store, script: Script): void {
  const probation = probations.get(script)
  if (probation === undefined) return
  probations.delete(script)
  release(store, generationsOf(probation))
  releaseImages(store)
}

/** Counts a tick of all probations. */
export function countProbations(store: Store): void {
  for (const script of store.scripts) {
    const probation = probations.get(script)
    if (probation !== undefined && !probation.failed && --probation.ticksLeft <= 0) endProbation(store, script)
  }
}

/** Takes a script on probation back after this step, if it faulted. Returns the error, which says so. */
export function judgeFault(store: Store, script: Script, error: ScriptError): ScriptError {
  const probation = probations.get(script)
  if (probation === undefined) return error
  probation.failed = true
  afterStep(store, () => rollBack(store))
  const { generationNumber, id } = script
  const before = probation.image.scripts.find((image) => image.id === id)?.generationNumber ?? generationNumber - 1
  const back = `generation ${generationNumber} was on probation: code and world are back at tick ${probation.image.tick}, and generation ${before} runs on`
  return withDetail(error, `${error.detail}; ${back}`)
}

/**
 * Takes the code of all scripts that failed, and the world, back to the moment before the first of their swaps. Other code
 * that was swapped since stays, and stays on probation: it would go back to that moment, too.
 */
function rollBack(store: Store): void {
  const failed = store.scripts.filter((script) => probations.get(script)?.failed === true)
  const orders = failed.map((script) => (probations.get(script) as Probation).order)
  const first = probations.get(failed[orders.indexOf(Math.min(...orders))] as Script)
  if (first === undefined) return
  const { image, order } = first
  const gone: Generation[] = []
  for (const script of store.scripts) {
    const probation = probations.get(script)
    const links = linksSince(probation, order)
    const oldest = links.at(-1)
    if (probation === undefined || oldest === undefined) continue
    gone.push(...links.slice(0, -1).map(({ old }) => old))
    if (!failed.includes(script)) probations.set(script, { ...oldest, image, ticksLeft: probation.ticksLeft })
    else {
      if (script.running !== undefined) gone.push(script.running.generation)
      if (oldest.outer === undefined) probations.delete(script)
      else probations.set(script, oldest.outer)
    }
  }
  need(store, image)
  restoreGame(store, image, failed)
  release(store, gone)
  need(store, undefined)
  releaseImages(store)
}

/** A probation and those that it is inside of, the innermost first, that began with one of this order or later. */
function linksSince(probation: Probation | undefined, order: number): Probation[] {
  const links: Probation[] = []
  for (let link = probation; link !== undefined && link.order >= order; link = link.outer) links.push(link)
  return links
}

function generationsOf(probation: Probation): Generation[] {
  return linksSince(probation, 0).map(({ old }) => old)
}

/** Releases generations that nothing goes back to any more. */
function release(store: Store, generations: readonly Generation[]): void {
  afterStep(store, () => {
    for (const { queries } of generations) queries.dispose()
  })
}
