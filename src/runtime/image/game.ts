import type { ArrayKeeper } from '../../array-image.ts'
import { checkIndex } from '../../ecs/entities/entity-index.ts'
import { restoreStates, saveStates } from '../../ecs/entities/script-state.ts'
import { checkLife } from '../../ecs/entities/world-life.ts'
import { captureFields, keptFields, restoreFields } from '../../ecs/image/field-image.ts'
import { captureWorld } from '../../ecs/image/world-image.ts'
import { notifyEntered, notifyLeft, restoreOrder, restoreWorld } from '../../ecs/image/world-restore.ts'
import { ScriptError } from '../../errors.ts'
import type { RestoreReport, ScriptRestore } from '../api/reports.ts'
import { inScript } from '../script/faults.ts'
import { dropLateCalls } from '../script/late-calls.ts'
import type { Script } from '../script/script.ts'
import { reportObserver, runStep } from '../script/step.ts'
import type { Store } from '../script/store.ts'
import type { GameImage, ScriptImage } from './game-image.ts'
import { captureScript, forgetWorld, removeMissing, restoreAttachment, restoreCode, restoreScript } from './script-image.ts'

/** Returns a script whose guest cannot save its state; `undefined` if an image can hold every script. */
export function findUnsavable({ scripts }: Store): Script | undefined {
  return scripts.find(({ running }) => running?.generation.program.capabilities.snapshot === false)
}

/**
 * Returns an image of a game. `keeper` stores its arrays. Throws `StateRejected` for a guest whose state cannot be saved,
 * `HostError` if the world is gone or shares its entity index.
 */
export function captureGame(store: Store, keeper: ArrayKeeper): GameImage {
  const { ecs, clock, events } = store
  checkLife(ecs)
  checkIndex(ecs.world)
  const unsavable = findUnsavable(store)
  if (unsavable?.running !== undefined) {
    const { kind } = unsavable.running.generation.program
    throw inScript(unsavable, new ScriptError('StateRejected', `the state of a guest of the kind '${kind}' cannot be saved`))
  }
  const world = captureWorld(ecs.world, keeper)
  return {
    tick: clock.tick,
    time: clock.time,
    world,
    fields: captureFields(ecs.world, ecs.components, keeper),
    deaths: ecs.versions.save(world.maxId, keeper),
    states: saveStates(ecs.world),
    events: events.save(),
    messages: store.messages.save(),
    nextCall: store.nextCall,
    scripts: store.scripts.flatMap((script) => captureScript(script, world.maxId, keeper) ?? []),
  }
}

/**
 * Restores a game to an image, in place. The scripts in `codes` also get back the code that they had; other scripts keep
 * their current code.
 */
export function restoreGame(store: Store, image: GameImage, codes: readonly Script[] = []): RestoreReport {
  return runStep(store, () => {
    const { ecs, clock } = store
    checkIndex(ecs.world)
    // No image holds calls that wait for an answer, or jobs: what their inputs gave cannot be had again.
    dropLateCalls(store, 'the game was restored')
    store.jobs?.end('restored')
    const changes = restoreWorld(ecs.world, image.world, ecs.versions.differing(image.deaths, image.world.maxId))
    restoreFields(ecs.world, ecs.components, image.fields)
    restoreStates(ecs.world, image.states)
    store.events.restore(image.events)
    store.messages.restore(image.messages)
    store.nextCall = image.nextCall
    clock.tick = image.tick
    clock.time = image.time
    const imageOfScript = (id: number): ScriptImage | undefined => image.scripts.find((each) => each.id === id)
    const restoreOne = (script: Script): ScriptRestore => {
      const own = imageOfScript(script.id)
      if (own === undefined) return { script: script.name, state: 'new' }
      return codes.includes(script) ? restoreCode(store, script, own) : restoreScript(store, script, own)
    }
    // As a script takes its state, it may call a host function that loads or unloads scripts.
    const restored = new Map<Script, ScriptRestore>()
    for (const script of [...store.scripts]) if (script.status !== 'disposed') restored.set(script, restoreOne(script))
    const reports = [...restored].filter(([script]) => script.status !== 'disposed').map(([, report]) => report)
    const missing = image.scripts.filter(({ id }) => !store.scripts.some((script) => script.id === id))
    for (const { name } of missing) reports.push({ script: name, state: 'missing' })
    const failed = (cause: unknown): void => reportObserver(store, cause)
    ecs.versions.pause(() => {
      for (const change of changes) notifyLeft(change, failed)
      ecs.versions.restore(image.deaths)
      for (const change of changes) notifyEntered(change, failed)
    })
    restoreOrder(ecs.world, image.world)
    for (const gone of missing) removeMissing(store, gone)
    for (const script of store.scripts) {
      const own = imageOfScript(script.id)
      if (own === undefined) forgetWorld(store, script)
      else restoreAttachment(script, own)
    }
    const { tick, time } = image
    const report = Object.freeze({ tick, time, scripts: Object.freeze(reports), kept: keptFields(image.fields) })
    store.emitter.queue('restore', report)
    return report
  })
}
