import { addComponent, entityExists, hasComponent, removeComponent, type World } from 'bitecs'
import { nameComponents } from '../ecs/components/components.ts'
import { createEcs, disposeEcs, keepColumns } from '../ecs/entities/access.ts'
import { keepScriptState } from '../ecs/entities/script-state.ts'
import { type ErrorContext, ScriptError } from '../errors.ts'
import type { GuestInstance, ModuleDescription } from '../guest/guest.ts'
import { EventQueue } from '../host/services/event-queue.ts'
import { Invocations } from '../host/services/invocations.ts'
import type { ComponentChanges, ComponentName, ComponentSet, ComponentValues } from './api/component-types.ts'
import { Emitter, type RuntimeEventName, type RuntimeEvents } from './api/emitter.ts'
import { type HostInput, recordInput } from './api/input-log.ts'
import { type LoadOptions, type ReloadOptions, resolveReloadOptions } from './api/load-options.ts'
import type { ReloadReport, TickReport } from './api/reports.ts'
import { type RuntimeOptions, resolveRuntimeOptions } from './api/runtime-options.ts'
import type { ScriptId, ScriptInfo } from './api/script-info.ts'
import { type RestoreReport, restoreGame } from './image/game.ts'
import { askState } from './image/script-image.ts'
import { imageOf, Snapshot } from './image/snapshot.ts'
import { checkSource, enterScript, loadScript, removeScript } from './load/load.ts'
import { isAsset, type ScriptSource } from './load/source.ts'
import { countProbations, endProbation, judgeFault } from './reload/probation.ts'
import { reloadScript } from './reload/reload.ts'
import { inScript, reportFault } from './script/faults.ts'
import { allowance, invoke } from './script/invoke.ts'
import type { Script } from './script/script.ts'
import { afterStep, reportObserver, runStep } from './script/step.ts'
import { checkIdle, keepStore, type Store } from './script/store.ts'
import { asData } from './tick/call-data.ts'
import { despawnEntity, spawnEntity, writeEntity } from './tick/entity-changes.ts'
import { detachAll, runTick } from './tick/tick.ts'

/**
 * Runs scripts on the entities of one bitECS world.
 *
 * @example
 * const world = createWorld()
 * const components = defineComponents({ Position: { x: 'f32' } })
 * const runtime = await WasmScriptRuntime.create({ world, components })
 * const mover = await runtime.loadModule(new URL('./mover.wat', import.meta.url))
 * runtime.attach(addEntity(world, components.Position), mover)
 * runtime.tick(1 / 60)
 */
export class WasmScriptRuntime<Components extends ComponentSet = ComponentSet> {
  readonly #store: Store
  #disposed = false
  #nextId = 1

  private constructor(store: Store) {
    this.#store = store
    keepStore(this, store)
  }

  /**
   * Makes a runtime for a world. The options are checked once and never read again.
   *
   * @throws {ScriptError} InvalidOptions
   * @example
   * const runtime = await WasmScriptRuntime.create({ world, components, seed: 7 })
   */
  static async create<const Components extends ComponentSet = ComponentSet>(
    options: RuntimeOptions<Components>,
  ): Promise<WasmScriptRuntime<Components>> {
    const resolved = resolveRuntimeOptions(options)
    const { world, components, onLog } = resolved
    keepScriptState(world)
    const emitter = new Emitter()
    if (onLog !== undefined) emitter.on('log', onLog)
    const invocations = new Invocations(() => {
      if (store.ecs.batch !== undefined) store.ecs.batch.isInterrupted = true
    })
    const store: Store = {
      options: resolved,
      ecs: createEcs(world, nameComponents(components), invocations),
      events: new EventQueue(),
      emitter,
      invocations,
      scripts: [],
      turns: [],
      spareAttachments: [],
      clock: { tick: 0, time: 0 },
      faults: 0,
      running: false,
      waiting: [],
      judgeFault: (script, error) => judgeFault(store, script, error),
      inputLog: undefined,
    }
    return new WasmScriptRuntime<Components>(store)
  }

  /** The world it was created with. */
  get world(): World {
    return this.#store.options.world
  }

  /** The components it was created with. */
  get components(): Components {
    return this.#store.options.components as Components
  }

  /**
   * Loads a script: reads it, checks it, links it, runs its `init`. If it fails, nothing of the script is left.
   *
   * @throws {ScriptError} LoadFailed, TooLarge, InvalidText, InvalidBinary, MissingExport, UnknownImport, ImportTypeMismatch,
   * GrantDenied, InvalidMetadata, AbiMismatch, DuplicateName, InitFailed, InvalidOptions, EngineUnavailable, and what ends the
   * start function
   * @example
   * const gun = await runtime.loadModule(new URL('./gun.wat', import.meta.url), { config: { bullets: 3 } })
   */
  async loadModule(source: ScriptSource, options: LoadOptions<ComponentName<Components>> = {}): Promise<ScriptId> {
    const store = this.#open()
    const script = enterScript(store, this.#nextId++ as ScriptId, source, options)
    await this.#unlessDisposed(loadScript(store, script, source))
    this.#follow(script, source)
    return script.id
  }

  /**
   * Replaces a script's code, and carries its state over: see {@link ReloadReport}. A fault is forgotten. If it fails, the
   * old generation runs on as if nothing had been tried. Of two reloads at once the later wins, and the other rejects with
   * `LoadFailed`.
   *
   * @throws {ScriptError} ScriptNotFound, StateRejected, and what `loadModule` throws
   * @example
   * const { generation, state } = await runtime.reloadModule(gun, new URL('./gun.wat', import.meta.url))
   */
  async reloadModule(id: ScriptId, source: ScriptSource, options: ReloadOptions = {}): Promise<ReloadReport> {
    const store = this.#open()
    const script = this.#find(id)
    const report = await this.#unlessDisposed(reloadScript(store, script, source, resolveReloadOptions(options)))
    this.#follow(script, source)
    return report
  }

  /**
   * Checks a script against this world's components, host functions and limits as `loadModule` does, without loading
   * it: nothing of it runs.
   *
   * @throws {ScriptError} what `loadModule` throws before the script runs
   */
  async checkModule(source: ScriptSource, options: LoadOptions<ComponentName<Components>> = {}): Promise<ModuleDescription> {
    return this.#unlessDisposed(checkSource(this.#open(), source, options))
  }

  /**
   * Takes a script off all entities, calls its `on_detach` for each, and forgets it. While scripts run, `on_detach` is not
   * called.
   *
   * @throws {ScriptError} ScriptNotFound
   */
  unloadModule(id: ScriptId): void {
    const store = this.#open()
    const script = this.#find(id)
    recordInput(store, () => ({ kind: 'unload', script: script.name }))
    const isIdle = !store.running
    runStep(store, () => {
      if (isIdle) detachAll(store, script)
      // Its on_detach may have called a host function that unloaded it.
      if (script.status === 'disposed') return
      this.#remove(script)
      store.emitter.queue('unload', script.info)
    })
  }

  /**
   * Runs a script on an entity, from the next tick on.
   *
   * @throws {ScriptError} ScriptNotFound, EntityOutOfRange
   * @example
   * runtime.attach(ship, mover)
   */
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

  /**
   * Stops running a script on an entity. An entity that it does not run on is left as it is.
   *
   * @throws {ScriptError} ScriptNotFound
   */
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
   * Adds an entity with these components. Fields that are left out are not written. A `Recorder` records such a change, as
   * it does `write` and `despawn`; bitECS's own functions do the same unrecorded. If it fails, no entity is added.
   *
   * @throws {ScriptError} InvalidOptions, EntityOutOfRange
   * @example
   * const ball = runtime.spawn({ Position: { x: 1 }, Dead: {} })
   */
  spawn(components: ComponentValues<Components> = {} as ComponentValues<Components>): number {
    return spawnEntity(this.#open(), components as ComponentValues)
  }

  /**
   * Writes fields of an entity. Adds missing components; `null` removes one. If it fails, nothing was written.
   *
   * @throws {ScriptError} InvalidOptions, EntityOutOfRange
   * @example
   * runtime.write(ball, { Velocity: { x: -1 }, Dead: null })
   */
  write(entity: number, components: ComponentChanges<Components>): void {
    writeEntity(this.#open(), entity, components as ComponentChanges)
  }

  /**
   * Removes an entity; while a script runs, when its run ends.
   *
   * @throws {ScriptError} EntityOutOfRange
   */
  despawn(entity: number): void {
    despawnEntity(this.#open(), entity)
  }

  /**
   * Returns the component that marks the entities a script runs on, until the script is unloaded.
   *
   * @throws {ScriptError} ScriptNotFound
   * @example
   * query(world, [runtime.tag(mover), Position])
   */
  tag(id: ScriptId): object {
    this.#open()
    return this.#find(id).attachment.tag
  }

  /**
   * Calls an export with numbers; an i64 is a bigint. Returns its result, several as an array. A script that faults in the
   * call is `faulted`, as by a fault in a tick.
   *
   * @throws {ScriptError} ScriptNotFound, ExportNotFound, SignatureMismatch, and the fault
   * @example
   * const score = runtime.call(scores, 'get_score', player)
   */
  call(id: ScriptId, name: string, ...numbers: (number | bigint)[]): unknown {
    const input = (script: string): HostInput => ({ kind: 'call', script, name, args: numbers })
    return this.#call(id, name, input, (instance) => instance.call(name, numbers))
  }

  /**
   * Calls an export as its type says: `(i32, i32)` is passed `arg` as JSON; any other is passed the number, or the array of
   * numbers, that `arg` is. Of the results, `(i32, i32)` and `i64` are read as JSON, and one number is that number. The type
   * of the result is taken on trust.
   *
   * @throws {ScriptError} what `call` throws, InvalidJson, InvalidPointer, MissingExport
   * @example
   * const { x, y } = runtime.callJson<{ x: number; y: number }>(path, 'find', { from: 1, to: 9 })
   */
  callJson<Result = unknown>(id: ScriptId, name: string, arg?: unknown): Result {
    const input = (script: string): HostInput => ({ kind: 'callJson', script, name, arg: asData(arg) })
    return this.#call(id, name, input, (instance) => instance.callJson(name, arg)) as Result
  }

  /**
   * Calls an export that takes and returns bytes: parameters `()` or `(pointer, length)`, results `(pointer, length)` or one
   * i64 `pointer << 32 | length`. Returns a copy of the bytes; `undefined` if the export has no result.
   *
   * @throws {ScriptError} what `call` throws, TooLarge, InvalidPointer, MissingExport
   * @example
   * const packed = runtime.callBytes(codec, 'pack', new TextEncoder().encode('hello'))
   */
  callBytes(id: ScriptId, name: string, bytes: Uint8Array = new Uint8Array()): Uint8Array | undefined {
    if (!(bytes instanceof Uint8Array)) throw new ScriptError('InvalidOptions', 'callBytes must be given a Uint8Array')
    const input = (script: string): HostInput => ({ kind: 'callBytes', script, name, bytes: bytes.slice() })
    return this.#call(id, name, input, (instance) => instance.callBytes(name, bytes)) as Uint8Array | undefined
  }

  /**
   * Runs one fixed step of `dt` seconds. A script's fault is reported by the `error` event and never thrown.
   *
   * @throws {ScriptError} InvalidOptions for a `dt` that is no number of seconds, HostError inside another tick
   * @example
   * const { entities, fuel, faults } = runtime.tick(1 / 60)
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
      countProbations(store)
      store.emitter.queue('tick', report)
      return report
    })
  }

  /**
   * Takes a snapshot of the whole game: entities with their components and fields, scripts with their memories and globals,
   * events that wait, random numbers, time. Changes nothing.
   *
   * @throws {ScriptError} HostError while scripts are running
   * @example
   * const saved = runtime.snapshot()
   */
  snapshot(): Snapshot {
    const store = this.#idle('snapshot')
    return Snapshot.take(store)
  }

  /**
   * Makes the game what it was, in place: every array, query and tag stays the same object, and observers are called for
   * what entered and left. Scripts keep the code they have; {@link RestoreReport} says what became of those that were
   * reloaded, loaded or unloaded since. If it fails, nothing was touched.
   *
   * @throws {ScriptError} InvalidOptions, HostError while scripts are running, StateRejected for a snapshot of a game with other
   * components
   * @example
   * runtime.restore(saved)
   */
  restore(snapshot: Snapshot): RestoreReport {
    const store = this.#idle('restore')
    const image = imageOf(store, snapshot)
    recordInput(store, () => ({ kind: 'restore', snapshot: snapshot.toBytes() }))
    // A probation is of the ticks that would have followed.
    for (const script of store.scripts) endProbation(store, script)
    return restoreGame(store, image)
  }

  /**
   * Returns what `get_state` of a script would return now; `undefined` if it exports none. A copy of the script is asked: the
   * script, the world and a recording are not changed.
   *
   * @throws {ScriptError} ScriptNotFound, HostError while scripts are running, and what `get_state` throws
   */
  readState(id: ScriptId): unknown {
    const store = this.#idle('readState')
    const script = this.#find(id)
    const { running } = script
    if (running === undefined || !running.instance.roles.getState) return undefined
    try {
      return runStep(store, () => askState(store, script, running.generation, running.instance.state.save()))
    } catch (error) {
      throw inScript(script, error)
    }
  }

  /**
   * Returns what is known of a script.
   *
   * @throws {ScriptError} ScriptNotFound
   * @example
   * const { status, stats } = runtime.script(mover)
   */
  script(id: ScriptId): ScriptInfo {
    this.#open()
    return this.#find(id).info
  }

  /** Returns all scripts in the order they run, also those that are still loading. */
  scripts(): readonly ScriptInfo[] {
    return this.#open().scripts.map((script) => script.info)
  }

  /** Returns the script of that name; `undefined` if there is none. */
  find(name: string): ScriptInfo | undefined {
    return this.#open().scripts.find((script) => script.name === name)?.info
  }

  /**
   * Calls `listener` for every event of that name. Returns a function that ends this. Listeners are called once the scripts have
   * run, and may do anything to the game.
   *
   * @throws {ScriptError} InvalidOptions
   * @example
   * const off = runtime.on('error', (error) => console.error(error.message))
   */
  on<Name extends RuntimeEventName>(name: Name, listener: (payload: RuntimeEvents[Name]) => void): () => void {
    return this.#open().emitter.on(name, listener)
  }

  /**
   * Queues an event for the scripts that export `on_<name>`. They handle it in the next tick.
   *
   * @throws {ScriptError} InvalidOptions, OutOfMemory if too many events wait
   * @example
   * runtime.emit('hit', player, 10)
   */
  emit(name: string, ...numbers: (number | bigint)[]): void {
    const store = this.#open()
    if (typeof name !== 'string' || name === '') throw new ScriptError('InvalidOptions', 'an event must have a name')
    if (!numbers.every((value) => typeof value === 'number' || typeof value === 'bigint')) {
      throw new ScriptError('InvalidOptions', `the event '${name}' can carry numbers alone`)
    }
    recordInput(store, () => ({ kind: 'emit', name, args: numbers }))
    store.events.push({ name, args: numbers })
  }

  /** Unloads all scripts and ends the runtime. May be called again. After it every other call throws `Disposed`. */
  dispose(): void {
    if (this.#disposed) return
    this.#disposed = true
    const store = this.#store
    for (const script of [...store.scripts]) this.#remove(script)
    store.emitter.clear()
    afterStep(store, () => {
      for (const attachment of store.spareAttachments.splice(0)) attachment.dispose((cause) => reportObserver(store, cause))
      disposeEcs(store.ecs)
    })
  }

  #open(): Store {
    if (this.#disposed) throw new ScriptError('Disposed', 'the runtime has been disposed of')
    return this.#store
  }

  #idle(what: string): Store {
    const store = this.#open()
    checkIdle(store, what)
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

  #remove(script: Script): void {
    endProbation(this.#store, script)
    removeScript(this.#store, script)
  }

  /** Lets the source of a script reload it. The source is asked once for each load or reload from it. */
  #follow(script: Script, source: ScriptSource): void {
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

  #call(id: ScriptId, name: string, input: (script: string) => HostInput, call: (instance: GuestInstance) => unknown): unknown {
    const store = this.#open()
    const script = this.#find(id)
    const instance = script.running?.instance
    if (instance === undefined) throw new ScriptError('ScriptNotFound', 'it is still loading', { script: script.name, scriptId: id })
    recordInput(store, () => input(script.name))
    const context: ErrorContext = { export: name }
    return runStep(store, () => {
      // Another script's init or reload, whose host function calls this one, may yet be taken back.
      if (store.ecs.journal.isOpen) keepColumns(store.ecs, script.running?.generation.program.written ?? [])
      try {
        return invoke(store, instance, allowance(script), () => call(instance))
      } catch (error) {
        // A mistake before or after the script ran leaves the script as sound as it was.
        if (!store.invocations.endedInside) throw inScript(script, error, context)
        throw reportFault(store, script, error, context)
      }
    })
  }
}
