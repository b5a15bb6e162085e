import { addComponent, entityExists, hasComponent, removeComponent, type World } from 'bitecs'
import { nameComponents } from '../ecs/components/components.ts'
import { createEcs, disposeEcs } from '../ecs/entities/access.ts'
import { keepScriptState } from '../ecs/entities/script-state.ts'
import { ScriptError } from '../errors.ts'
import { asData, callWithJson, checkNumbers, findFunction } from '../guest/script/calls.ts'
import { endedInside, type ScriptInstance } from '../guest/script/instance.ts'
import { EventQueue } from '../host/event-queue.ts'
import { Emitter, type RuntimeEventName, type RuntimeEvents } from './api/emitter.ts'
import { recordInput, type ComponentChanges, type ComponentValues, type HostInput } from './api/input-log.ts'
import { type LoadOptions, type ReloadOptions, type RuntimeOptions, resolveReloadOptions, resolveRuntimeOptions } from './api/options.ts'
import type { ReloadReport, TickReport } from './api/reports.ts'
import type { ScriptId, ScriptInfo } from './api/script-info.ts'
import { askState } from './image/script-image.ts'
import { imageOf, type RestoreReport, restoreGame, Snapshot } from './image/snapshot.ts'
import type { ModuleDescription } from './load/describe.ts'
import { checkSource, enterScript, loadScript, removeScript } from './load/load.ts'
import { isAsset, type ScriptSource } from './load/source.ts'
import { endTrial, rollBack } from './reload/probation.ts'
import { reloadScript } from './reload/reload.ts'
import type { Script } from './script/script.ts'
import { afterStep, type Store, fault, inScript, keepStore, rethrow, runStep } from './script/store.ts'
import { despawnEntity, spawnEntity, writeEntity } from './tick/entity-changes.ts'
import { detachAll, runTick } from './tick/tick.ts'

/** Runs scripts on the entities of one bitECS world. */
export class WasmScriptRuntime {
  readonly #store: Store
  #disposed = false
  #nextId = 1

  private constructor(store: Store) {
    this.#store = store
    keepStore(this, store)
  }

  /**
   * Makes a runtime for a world. The options are checked once and never read again.
   * Rejects with `InvalidOptions`.
   */
  static async create(options: RuntimeOptions): Promise<WasmScriptRuntime> {
    const resolved = resolveRuntimeOptions(options)
    const { world, components, onLog } = resolved
    keepScriptState(world)
    const emitter = new Emitter()
    if (onLog !== undefined) emitter.on('log', onLog)
    const store: Store = {
      options: resolved,
      ecs: createEcs(world, nameComponents(components)),
      events: new EventQueue(),
      emitter,
      scripts: [],
      turns: [],
      spareAttachments: [],
      clock: { tick: 0, time: 0 },
      faults: 0,
      running: false,
      waiting: [],
      rollBack: () => rollBack(store),
      trials: 0,
      door: undefined,
    }
    return new WasmScriptRuntime(store)
  }

  /** The world it was created with. */
  get world(): World {
    return this.#store.options.world
  }

  /** The components it was created with. */
  get components(): Readonly<Record<string, object>> {
    return this.#store.options.components
  }

  /**
   * Loads a script: reads it, checks it, links it, runs its `init`.
   *
   * Rejects with a {@link ScriptError} of nearly any code, and then nothing of the script is left.
   */
  async loadModule(source: ScriptSource, options: LoadOptions = {}): Promise<ScriptId> {
    const store = this.#open()
    const script = enterScript(store, this.#nextId++, source, options)
    await this.#unlessDisposed(loadScript(store, script, source))
    this.#beFollowed(script, source)
    return script.id
  }

  /**
   * Replaces a script's code, and carries its state over: see `ReloadReport`. A fault is forgotten.
   *
   * Rejects with a {@link ScriptError}, and then the old generation runs on as if nothing had been tried. Of two reloads
   * at once the later wins, and the other rejects with `LoadFailed`.
   */
  async reloadModule(id: ScriptId, source: ScriptSource, options: ReloadOptions = {}): Promise<ReloadReport> {
    const store = this.#open()
    const script = this.#find(id)
    const report = await this.#unlessDisposed(reloadScript(store, script, source, resolveReloadOptions(options)))
    this.#beFollowed(script, source)
    return report
  }

  /**
   * Checks a script against this world's components, host functions and limits, as `loadModule` would, without loading
   * it: nothing of it runs. Rejects with the {@link ScriptError} that loading would reject with.
   */
  async checkModule(source: ScriptSource, options: LoadOptions = {}): Promise<ModuleDescription> {
    return this.#unlessDisposed(checkSource(this.#open(), source, options))
  }

  /** Takes a script off all entities, telling it with `on_detach`, and forgets it. Throws `ScriptNotFound`. */
  unloadModule(id: ScriptId): void {
    const store = this.#open()
    const script = this.#find(id)
    recordInput(store, () => ({ kind: 'unload', script: script.name }))
    const isIdle = !store.running
    runStep(store, () => {
      if (isIdle) detachAll(store, script)
      removeScript(store, script)
      store.emitter.queue('unload', script.info)
    })
  }

  /** Runs a script on an entity from the next tick on. Throws `ScriptNotFound`, `EntityOutOfRange`. */
  attach(entity: number, id: ScriptId): void {
    const store = this.#open()
    const { world, components } = store.ecs
    const script = this.#find(id)
    if (!entityExists(world, entity) || entity >= components.capacity) {
      const why = entityExists(world, entity) ? `is not below the capacity of ${components.capacity}` : 'does not exist'
      throw new ScriptError('EntityOutOfRange', `the entity ${entity} ${why}`, { script: script.name, scriptId: id })
    }
    recordInput(store, () => ({ kind: 'attach', entity, script: script.name }))
    addComponent(world, entity, script.attachment.tag)
  }

  /** Stops running a script on an entity; one that it does not run on is left as it is. Throws `ScriptNotFound`. */
  detach(entity: number, id: ScriptId): void {
    const store = this.#open()
    const { world } = store.ecs
    const { attachment, name } = this.#find(id)
    const { tag } = attachment
    if (!entityExists(world, entity) || !hasComponent(world, entity, tag)) return
    recordInput(store, () => ({ kind: 'detach', entity, script: name }))
    removeComponent(world, entity, tag)
  }

  /**
   * A new entity with these components, `{ Position: { x: 1 }, Dead: {} }`; fields that are left out are what they are. A change
   * made in this way is recorded by a `Recorder`, as are `write` and `despawn`; bitECS's own functions do the same unrecorded.
   * Throws `InvalidOptions`, `EntityOutOfRange`; then there is none.
   */
  spawn(components: ComponentValues = {}): number {
    return spawnEntity(this.#open(), components)
  }

  /**
   * Writes fields of an entity, adding components that it has not; `null` in the place of fields takes a component away.
   * Throws `InvalidOptions`, `EntityOutOfRange`; then nothing was written.
   */
  write(entity: number, components: ComponentChanges): void {
    writeEntity(this.#open(), entity, components)
  }

  /** Removes an entity; while scripts run, when the run of the one at hand ends. Throws `EntityOutOfRange`. */
  despawn(entity: number): void {
    despawnEntity(this.#open(), entity)
  }

  /** The component that marks the entities a script runs on, until it is unloaded. Throws `ScriptNotFound`. */
  tag(id: ScriptId): object {
    this.#open()
    return this.#find(id).attachment.tag
  }

  /**
   * Calls an export with numbers; i64 is bigint. Several results come as an array.
   *
   * Throws `ScriptNotFound`, `ExportNotFound`, `SignatureMismatch`; and, if the script faults in it, the fault, which
   * makes the script `faulted` as one in a tick does.
   */
  call(id: ScriptId, name: string, ...numbers: (number | bigint)[]): unknown {
    const input = (script: string): HostInput => ({ kind: 'call', script, name, args: numbers })
    return this.#call(id, name, input, (instance) => {
      const exported = findFunction(instance, name)
      checkNumbers(name, exported, numbers)
      return instance.run(() => exported.call(...numbers))
    })
  }

  /**
   * Calls an export by its type: `(i32, i32)` is passed `arg` as JSON; any other is passed the number, or the array of
   * numbers, that `arg` is. Of the results, `(i32, i32)` and `i64` are read as JSON, one number is that number.
   *
   * Throws what `call` throws, `InvalidJson`, `InvalidPointer`, `MissingExport`.
   */
  callJson(id: ScriptId, name: string, arg?: unknown): unknown {
    const input = (script: string): HostInput => ({ kind: 'callJson', script, name, arg: asData(arg) })
    return this.#call(id, name, input, (instance) => callWithJson(instance, name, arg))
  }

  /**
   * One fixed step of `dt` seconds. A script's fault is told by the `error` event and never thrown.
   * Throws `InvalidOptions` for a senseless `dt`, `HostError` inside another tick.
   */
  tick(dt: number): TickReport {
    this.#open()
    if (typeof dt !== 'number' || !Number.isFinite(dt) || dt < 0) {
      throw new ScriptError('InvalidOptions', `dt must be a number of seconds, 0 or more, not ${String(dt)}`)
    }
    const store = this.#idle('tick')
    recordInput(store, () => ({ kind: 'tick', dt }))
    return runStep(store, () => {
      const report = runTick(store, dt)
      store.emitter.queue('tick', report)
      return report
    })
  }

  /**
   * The whole game as it is now: entities with their components and fields, scripts with their memories and globals,
   * events that wait, random numbers, time. Changes nothing. Throws `HostError` while scripts are running.
   */
  snapshot(): Snapshot {
    const store = this.#idle('snapshot')
    return Snapshot.take(store)
  }

  /**
   * Makes the game what it was, in place: every array, query and tag stays the object that it is, and observers are told
   * what entered and left. Scripts keep the code they have; see {@link RestoreReport} for what comes of those that were
   * reloaded, loaded or unloaded since. Throws `InvalidOptions`, `HostError` while scripts are running, and `StateRejected` for
   * a snapshot of a game with other components; then nothing was touched.
   */
  restore(snapshot: Snapshot): RestoreReport {
    const store = this.#idle('restore')
    const image = imageOf(store, snapshot)
    recordInput(store, () => ({ kind: 'restore', snapshot: snapshot.toBytes() }))
    // A trial is of the time that is left.
    for (const script of store.scripts) endTrial(store, script)
    return restoreGame(store, image)
  }

  /**
   * What `get_state` of a script would return now; `undefined` if it exports none. A copy of the script is asked: the script
   * itself, the world and a recording know nothing of it. Throws `ScriptNotFound`, and what `get_state` throws.
   */
  readState(id: ScriptId): unknown {
    const store = this.#idle('readState')
    const script = this.#find(id)
    const { generation, instance } = script
    if (generation === undefined || instance?.hasState !== true) return undefined
    try {
      return runStep(store, () => askState(store, script, generation, instance.state.save()))
    } catch (error) {
      throw inScript(script, error)
    }
  }

  /** What is known of a script. Throws `ScriptNotFound`. */
  script(id: ScriptId): ScriptInfo {
    this.#open()
    return this.#find(id).info
  }

  /** All scripts in the order they run, those among them that are still loading. */
  scripts(): readonly ScriptInfo[] {
    return this.#open().scripts.map((script) => script.info)
  }

  /** The script of that name, if there is one. */
  find(name: string): ScriptInfo | undefined {
    return this.#open().scripts.find((script) => script.name === name)?.info
  }

  /** Calls `listener` for every event of that name until the function that is returned is called. */
  on<Name extends RuntimeEventName>(name: Name, listener: (payload: RuntimeEvents[Name]) => void): () => void {
    return this.#open().emitter.on(name, listener)
  }

  /** Queues an event for the scripts that export `on_<name>`. Throws `InvalidOptions`, `OutOfMemory`. */
  emit(name: string, ...numbers: (number | bigint)[]): void {
    const store = this.#open()
    if (typeof name !== 'string' || name === '') throw new ScriptError('InvalidOptions', 'an event must have a name')
    if (!numbers.every((value) => typeof value === 'number' || typeof value === 'bigint')) {
      throw new ScriptError('InvalidOptions', `the event '${name}' can carry numbers alone`)
    }
    recordInput(store, () => ({ kind: 'emit', name, args: numbers }))
    store.events.push({ name, args: numbers })
  }

  /** Unloads all scripts and ends the runtime. May be called again. */
  dispose(): void {
    if (this.#disposed) return
    this.#disposed = true
    const store = this.#store
    for (const script of [...store.scripts]) removeScript(store, script)
    store.emitter.clear()
    afterStep(store, () => {
      for (const attachment of store.spareAttachments.splice(0)) attachment.dispose()
      disposeEcs(store.ecs)
    })
  }

  #open(): Store {
    if (this.#disposed) throw new ScriptError('Disposed', 'the runtime has been disposed of')
    return this.#store
  }

  /** The store, as long as no script runs: half of a tick is no state of a game. */
  #idle(what: string): Store {
    const store = this.#open()
    if (store.running) throw new ScriptError('HostError', `${what} was called while scripts are running`)
    return store
  }

  /** What a runtime that was disposed of meanwhile rejects with. */
  async #unlessDisposed<Result>(work: Promise<Result>): Promise<Result> {
    try {
      return await work
    } catch (error) {
      this.#open()
      throw error
    }
  }

  /** Lets what a script is made of keep it up to date. What was saved of the same says nothing new. */
  #beFollowed(script: Script, source: ScriptSource): void {
    if (!isAsset(source) || source.follow === undefined || script.status === 'disposed') return
    const { emitter } = this.#store
    script.unfollow?.()
    script.unfollow = source.follow({
      info: script.info,
      reload: (next, options) => this.reloadModule(script.id, next, options),
      onError: (listener) =>
        emitter.on('error', (error) => {
          if (error.scriptId === script.id) listener(error)
        }),
    })
  }

  #find(id: ScriptId): Script {
    const script = this.#store.scripts.find((each) => each.id === id)
    if (script === undefined)
      throw new ScriptError('ScriptNotFound', `there is no script ${String(id)}`, typeof id === 'number' ? { scriptId: id } : {})
    return script
  }

  #call(id: ScriptId, name: string, input: (script: string) => HostInput, call: (instance: ScriptInstance) => unknown): unknown {
    const store = this.#open()
    const script = this.#find(id)
    const { instance } = script
    if (instance === undefined) throw new ScriptError('ScriptNotFound', 'it is still loading', { script: script.name, scriptId: id })
    recordInput(store, () => input(script.name))
    return runStep(store, () => {
      script.scanned = 0
      try {
        const result = instance.withFuel(script.options.limits.fuel, () => call(instance))
        rethrow(store.ecs)
        return result
      } catch (error) {
        // A mistake before or after the script ran is told, and leaves it as sound as it was.
        const ended = store.ecs.raised ?? (endedInside(error) ? error : undefined)
        store.ecs.raised = undefined
        if (ended === undefined && error instanceof ScriptError) throw inScript(script, error, { export: name })
        throw fault(store, script, ended ?? error, { export: name })
      }
    })
  }
}
