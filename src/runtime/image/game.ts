import type { ArrayKeeper } from '../../array-image.ts'
import { restoreStates, saveStates } from '../../ecs/entities/script-state.ts'
import { captureFields, keptFields, restoreFields } from '../../ecs/image/field-image.ts'
import { captureWorld } from '../../ecs/image/world-image.ts'
import { notifyObservers, restoreOrder, restoreWorld } from '../../ecs/image/world-restore.ts'
import type { Script } from '../script/script.ts'
import { reportObserver, runStep } from '../script/step.ts'
import type { Store } from '../script/store.ts'
import type { GameImage, ScriptImage } from './game-image.ts'
import {
  captureScript,
  forgetWorld,
  removeMissing,
  restoreAttachment,
  restoreCode,
  restoreScript,
  type ScriptRestore,
} from './script-image.ts'

/** What a restore did, and what it could not do. */
export interface RestoreReport {
  /** Ticks completed, and seconds simulated, in the game as it is now. */
  readonly tick: number
  readonly time: number
  readonly scripts: readonly ScriptRestore[]
  /** Fields whose values cannot be copied, such as functions, and are what they are now: `Sprite.mesh`. */
  readonly kept: readonly string[]
}

/** Takes an image of a game, whose arrays `keeper` keeps. */
export function captureGame(store: Store, keeper: ArrayKeeper): GameImage {
  const { ecs, clock, events } = store
  const world = captureWorld(ecs.world, keeper)
  return {
    tick: clock.tick,
    time: clock.time,
    world,
    fields: captureFields(ecs.components, keeper),
    deaths: ecs.versions.save(world.maxId, keeper),
    states: saveStates(ecs.world),
    events: events.save(),
    scripts: store.scripts.flatMap((script) => captureScript(script, world.maxId, keeper) ?? []),
  }
}

/**
 * Makes the game what it was, in place. The scripts among `codes` go back to the code that they had, too; the others keep
 * theirs.
 */
export function restoreGame(store: Store, image: GameImage, codes: readonly Script[] = []): RestoreReport {
  return runStep(store, () => {
    const { ecs, clock } = store
    const changes = restoreWorld(ecs.world, image.world)
    restoreFields(ecs.components, image.fields)
    restoreStates(ecs.world, image.states)
    store.events.restore(image.events)
    clock.tick = image.tick
    clock.time = image.time
    const imageOfScript = (id: number): ScriptImage | undefined => image.scripts.find((each) => each.id === id)
    const restoreOne = (script: Script): ScriptRestore => {
      const own = imageOfScript(script.id)
      if (own === undefined) return { script: script.name, state: 'new' }
      return codes.includes(script) ? restoreCode(store, script, own) : restoreScript(store, script, own)
    }
    // A script that is given its state may have a host function load or unload scripts.
    const restored = new Map<Script, ScriptRestore>()
    for (const script of [...store.scripts]) if (script.status !== 'disposed') restored.set(script, restoreOne(script))
    const reports = [...restored].filter(([script]) => script.status !== 'disposed').map(([, report]) => report)
    const missing = image.scripts.filter(({ id }) => !store.scripts.some((script) => script.id === id))
    for (const { name } of missing) reports.push({ script: name, state: 'missing' })
    for (const change of changes) notifyObservers(change, (cause) => reportObserver(store, cause))
    ecs.versions.restore(image.deaths)
    restoreOrder(ecs.world, image.world)
    for (const gone of missing) removeMissing(store, gone)
    for (const script of store.scripts) {
      const own = imageOfScript(script.id)
      if (own === undefined) forgetWorld(store, script)
      else restoreAttachment(script, own)
    }
    return Object.freeze({ tick: image.tick, time: image.time, scripts: Object.freeze(reports), kept: keptFields(image.fields) })
  })
}
