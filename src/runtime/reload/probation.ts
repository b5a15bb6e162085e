import { checkIndex, isIndexShared } from '../../ecs/entities/entity-index.ts'
import { isGone } from '../../ecs/entities/world-life.ts'
import { type ScriptError, withDetail } from '../../errors.ts'
import { recordInput } from '../api/input-log.ts'
import type { RestoreReport } from '../api/reports.ts'
import { captureGame, findUnsavable, restoreGame } from '../image/game.ts'
import type { GameImage } from '../image/game-image.ts'
import { PageStore } from '../image/page-store.ts'
import { disposeGeneration, type Generation } from '../script/generation.ts'
import type { Script } from '../script/script.ts'
import { afterStep } from '../script/step.ts'
import type { Probations, Store } from '../script/store.ts'

/** The ticks in which a new generation must not trap, and what is restored if it does. */
interface Probation {
  /** The game before the swap. */
  readonly image: GameImage
  /** The generation to roll back to. */
  readonly old: Generation
  /** Increases with every probation that begins. */
  readonly order: number
  ticksLeft: number
  /** Whether the new generation has trapped. */
  failed: boolean
  /** The probation of the old generation, if it was on probation itself. */
  outer: Probation | undefined
}

/** Nested probations of one script. Each keeps an image of the whole game. */
const MAX_PROBATIONS = 8

const probations = new WeakMap<Script, Probation>()
let begun = 0

function setProbation(script: Script, probation: Probation | undefined): void {
  script.probation = probation
  if (probation === undefined) probations.delete(script)
  else probations.set(script, probation)
}

/** The images that the probations of a runtime can roll back to. */
interface ProbationImages {
  readonly pages: PageStore
  /** An image that no probation uses and that is still needed: its probation is about to begin, or it is being restored. */
  needed: GameImage | undefined
}

const imagesOf = new WeakMap<Store, ProbationImages>()

/** Returns the image to roll back to, if there will be a probation. Call it before any code of the new generation runs. */
export function imageForProbation(store: Store, script: Script): GameImage | undefined {
  // Rolling back to a generation that has trapped is of no use.
  if (script.options.probation === 0 || script.status !== 'active' || script.running === undefined) return undefined
  // Without an image there is nothing to roll back to.
  if (findUnsavable(store) !== undefined || isIndexShared(store.ecs.world)) return undefined
  const images = imagesOf.get(store) ?? { pages: new PageStore(), needed: undefined }
  imagesOf.set(store, images)
  const image = images.pages.take((keeper) => captureGame(store, keeper))
  images.needed = image
  releaseImages(store)
  return image
}

function setNeededImage(store: Store, image: GameImage | undefined): void {
  const images = imagesOf.get(store)
  if (images !== undefined) images.needed = image
}

/** Releases the images that no probation uses. */
function releaseImages(store: Store): void {
  const images = imagesOf.get(store)
  if (images === undefined) return
  const used = new Set<object | undefined>(
    store.scripts.flatMap((script) => linksSince(probations.get(script), 0).map(({ image }) => image)),
  )
  for (const image of images.pages.images) if (!used.has(image) && image !== images.needed) images.pages.release(image)
}

/**
 * Begins the probation of the generation that is about to be swapped in. If the old generation is on probation itself, its
 * probation continues after a rollback.
 */
export function beginProbation(store: Store, script: Script, image: GameImage | undefined): void {
  const old = script.running?.generation
  if (old === undefined) return
  if (image === undefined) {
    endProbation(store, script)
    disposeGenerations(store, [old])
    return
  }
  const { probation: ticksLeft } = script.options
  const probation: Probation = { image, old, order: begun++, ticksLeft, failed: false, outer: probations.get(script) }
  setProbation(script, probation)
  store.probations = PROBATIONS
  setNeededImage(store, undefined)
  const last = linksSince(probation, 0)[MAX_PROBATIONS - 1]
  if (last?.outer === undefined) return
  disposeGenerations(store, generationsOf(last.outer))
  last.outer = undefined
  releaseImages(store)
}

/** Ends the probation of a script, because it passed or the script was unloaded. */
export function endProbation(store: Store, script: Script): void {
  const probation = probations.get(script)
  if (probation === undefined) return
  setProbation(script, undefined)
  disposeGenerations(store, generationsOf(probation))
  releaseImages(store)
}

/** Counts a tick for all probations, and ends those that have passed. */
function countProbations(store: Store): void {
  for (const script of store.scripts) {
    const probation = probations.get(script)
    if (probation !== undefined && !probation.failed && --probation.ticksLeft <= 0) endProbation(store, script)
  }
}

/** If the script is on probation, rolls it back after this step, and returns an error that says so. */
function judgeFault(store: Store, script: Script, error: ScriptError): ScriptError {
  const probation = probations.get(script)
  if (probation === undefined) return error
  if (isGone(store.ecs) || isIndexShared(store.ecs.world)) {
    endProbation(store, script)
    return error
  }
  probation.failed = true
  afterStep(store, () => rollBack(store))
  const { generationNumber, id } = script
  const before = probation.image.scripts.find((image) => image.id === id)?.generationNumber ?? generationNumber - 1
  const rollback = `generation ${generationNumber} was on probation: code and world are back at tick ${probation.image.tick}, and generation ${before} runs on`
  return withDetail(error, `${error.detail}; ${rollback}`)
}

/**
 * Restores the world, and the code of all scripts that failed, to the moment before the first of their swaps. Other scripts
 * that were swapped since then keep their new code and stay on probation; they would roll back to the same moment.
 */
function rollBack(store: Store): RestoreReport | undefined {
  const failed = store.scripts.filter((script) => probations.get(script)?.failed === true)
  const orders = failed.map((script) => (probations.get(script) as Probation).order)
  const first = probations.get(failed[orders.indexOf(Math.min(...orders))] as Script)
  if (first === undefined) return undefined
  const { image, order } = first
  const gone: Generation[] = []
  for (const script of store.scripts) {
    const probation = probations.get(script)
    const links = linksSince(probation, order)
    const oldest = links.at(-1)
    if (probation === undefined || oldest === undefined) continue
    gone.push(...links.slice(0, -1).map(({ old }) => old))
    if (!failed.includes(script)) setProbation(script, { ...oldest, image, ticksLeft: probation.ticksLeft })
    else {
      if (script.running !== undefined) gone.push(script.running.generation)
      setProbation(script, oldest.outer)
    }
  }
  setNeededImage(store, image)
  const restored = restoreGame(store, image, failed)
  disposeGenerations(store, gone)
  setNeededImage(store, undefined)
  releaseImages(store)
  return restored
}

/** Takes code and world back to the moment before a script on probation was reloaded. Returns `undefined` if it is not on probation. */
function revert(store: Store, script: Script): RestoreReport | undefined {
  const probation = probations.get(script)
  if (probation === undefined) return undefined
  checkIndex(store.ecs.world)
  recordInput(store, () => ({ kind: 'revert', script: script.name }))
  probation.failed = true
  return rollBack(store)
}

const PROBATIONS: Probations = { judge: judgeFault, count: countProbations, end: endProbation, revert }

/** Returns a probation and its outer ones, the innermost first, down to those with at least this order. */
function linksSince(probation: Probation | undefined, order: number): Probation[] {
  const links: Probation[] = []
  for (let link = probation; link !== undefined && link.order >= order; link = link.outer) links.push(link)
  return links
}

function generationsOf(probation: Probation): Generation[] {
  return linksSince(probation, 0).map(({ old }) => old)
}

/** Disposes of generations that no probation can roll back to. */
function disposeGenerations(store: Store, generations: readonly Generation[]): void {
  afterStep(store, () => {
    for (const each of generations) disposeGeneration(each)
  })
}
