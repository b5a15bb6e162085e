import { captureFields, restoreFields } from '../ecs/field-image.ts'
import { restoreStates, saveStates } from '../ecs/script-state.ts'
import { captureWorld, greatestId, notifyObservers, restoreWorld } from '../ecs/world-image.ts'
import { describeThrown, ScriptError } from '../errors.ts'
import { type Core, runStep } from './core.ts'
import type { GameImage } from './game-image.ts'
import type { Script } from './script.ts'
import { captureScript, forgetWorld, restoreAttachment, restoreCode, restoreScript, type ScriptRestore } from './script-image.ts'

/** What a restore did, and what it could not do. */
export interface RestoreReport {
  readonly tick: number
  readonly time: number
  readonly scripts: readonly ScriptRestore[]
}

export function captureGame(core: Core): GameImage {
  const { ecs, clock, events } = core
  const world = captureWorld(ecs.world)
  return {
    tick: clock.tick,
    time: clock.time,
    world,
    fields: captureFields(ecs.components, world.maxId),
    deaths: ecs.lives.save(world.maxId),
    states: saveStates(ecs.world),
    events: events.save(),
    scripts: core.scripts.flatMap((script) => captureScript(script, world.maxId) ?? []),
  }
}

/**
 * Makes the game what it was, in place. With `code`, that script goes back to the code that it had, too; the others keep
 * theirs.
 */
export function restoreGame(core: Core, image: GameImage, code?: Script): RestoreReport {
  return runStep(core, () => {
    const { ecs, clock } = core
    const maxId = Math.max(greatestId(ecs.world), image.world.maxId)
    const changes = restoreWorld(ecs.world, image.world)
    restoreFields(ecs.components, image.fields, maxId)
    restoreStates(ecs.world, image.states)
    core.events.restore(image.events)
    clock.tick = image.tick
    clock.time = image.time
    const reports: ScriptRestore[] = []
    for (const script of core.scripts) {
      const held = image.scripts.find(({ id }) => id === script.id)
      if (held === undefined) reports.push(forgetWorld(core, script))
      else if (script === code) restoreCode(core, script, held)
      else reports.push(restoreScript(core, script, held))
    }
    for (const { id, name } of image.scripts) {
      if (!core.scripts.some((script) => script.id === id)) reports.push({ script: name, state: 'missing' })
    }
    for (const change of changes) {
      notifyObservers(change, (cause) => {
        core.emitter.queue('error', new ScriptError('HostError', `an observer of the world threw ${describeThrown(cause)}`, { cause }))
      })
    }
    ecs.lives.restore(image.deaths)
    for (const script of core.scripts) {
      const held = image.scripts.find(({ id }) => id === script.id)
      if (held !== undefined) restoreAttachment(script, held)
    }
    return Object.freeze({ tick: image.tick, time: image.time, scripts: Object.freeze(reports) })
  })
}

const taken = new WeakMap<Snapshot, { readonly core: Core; readonly image: GameImage }>()

/** A whole game as it was between two ticks. It can be restored any number of times, in the runtime that took it. */
export class Snapshot {
  /** Ticks completed when it was taken. */
  readonly tick: number
  /** Seconds simulated by then. */
  readonly time: number

  constructor(core: Core, image: GameImage) {
    this.tick = image.tick
    this.time = image.time
    taken.set(this, { core, image })
  }
}

/** What a snapshot holds. Throws `InvalidOptions` for what is none of this runtime. */
export function imageOf(core: Core, snapshot: Snapshot): GameImage {
  const found = taken.get(snapshot)
  if (found?.core === core) return found.image
  throw new ScriptError('InvalidOptions', 'restore must be given what snapshot() of the same runtime returned')
}
