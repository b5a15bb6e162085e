import type { World } from 'bitecs'
import type { Limits } from '../abi/limits.ts'
import { ScriptError } from '../errors.ts'
import { type CacheStats, moduleCache } from '../guest/module-cache.ts'
import type { ModuleDescription } from '../guest/module-description.ts'
import type { Metric } from '../host/services/script-metrics.ts'
import type { ComponentChanges, ComponentSet, ComponentValues, GrantedName, NoRelations, RelationSet } from './api/component-types.ts'
import type { ListenerOptions, RuntimeEventName, RuntimeEvents } from './api/emitter.ts'
import { checkOpen, recordInput } from './api/input-log.ts'
import type { Job, JobInput, JobOptions, JobOutput } from './api/job.ts'
import { type LoadOptions, type ReloadOptions, type RequestOptions, resolveRequestOptions } from './api/load-options.ts'
import type { ReloadReport, RestoreReport, TickReport } from './api/reports.ts'
import { type RuntimeOptions, resolveRuntimeOptions } from './api/runtime-options.ts'
import type { ScriptId, ScriptInfo } from './api/script-info.ts'
import { createStore } from './create-store.ts'
import { disposeStore } from './dispose-store.ts'
import { restoreSnapshot, takeSnapshot } from './image/game-snapshot.ts'
import type { Snapshot } from './image/snapshot.ts'
import { followSource } from './load/follow.ts'
import { checkScript, loadModule } from './load/load-module.ts'
import type { ScriptSource } from './load/script-source.ts'
import { reloadModule, revertReload } from './reload/reload-module.ts'
import { callWithBytes, callWithJson, callWithNumbers } from './script/call-export.ts'
import { inScript } from './script/faults.ts'
import { findAddressee, findLoaded, findScript } from './script/find-script.ts'
import { NO_JOBS } from './script/jobs.ts'
import { settleLateCalls } from './script/late-calls.ts'
import { checkLive } from './script/runtime-life.ts'
import { infoOf } from './script/script.ts'
import { runStep } from './script/step.ts'
import { checkIdle, keepStore, relatingOf, type Store } from './script/store.ts'
import { attachScript, detachScript } from './tick/attachment-changes.ts'
import { despawnEntity, spawnEntity, writeEntity } from './tick/entity-changes.ts'
import { emitEvent } from './tick/events.ts'
import { requestReply, sendMessage } from './tick/messages.ts'
import { readConfig, readState, readStorage, readVariables } from './tick/read-script.ts'
import { runTick } from './tick/tick.ts'
import { unloadScript } from './tick/unload.ts'

/**
 * Runs scripts on the entities of one bitECS world.
 *
 * After {@link dispose}, every other method throws `Disposed`. After `resetWorld` or `deleteWorld` of its world, methods that
 * run scripts or change the world throw `HostError`.
 *
 * @example
 * const world = createWorld()
 * const components = defineComponents({ Position: { x: 'f32' } })
 * const runtime = await WasmScriptRuntime.create({ world, components })
 * const mover = await runtime.loadModule(new URL('./mover.wat', import.meta.url))
 * runtime.attach(addEntity(world, components.Position), mover)
 * runtime.tick(1 / 60)
 */
export class WasmScriptRuntime<Components extends ComponentSet = ComponentSet, Relations extends RelationSet = NoRelations> {
  readonly #store: Store

  private constructor(store: Store) {
    this.#store = store
    store.follow = (script, source) =>
      followSource(store, script, source as ScriptSource, (next, options) => this.reloadModule(script.id, next, options))
    keepStore(this, store)
  }

  /**
   * Creates a runtime for a world. Later changes to the options have no effect.
   *
   * @throws {ScriptError} InvalidOptions
   * @example
   * const runtime = await WasmScriptRuntime.create({ world, components, seed: 7 })
   */
  static async create<const Components extends ComponentSet = ComponentSet, const Relations extends RelationSet = NoRelations>(
    options: RuntimeOptions<Components, Relations>,
  ): Promise<WasmScriptRuntime<Components, Relations>> {
    return new WasmScriptRuntime<Components, Relations>(await createStore(resolveRuntimeOptions(options)))
  }

  /** The world that it was created with. */
  get world(): World {
    return this.#store.options.world
  }

  /** The components that it was created with. */
  get components(): Components {
    return this.#store.options.components as Components
  }

  /** The limits of scripts that are loaded without limits of their own. */
  get limits(): Limits {
    return this.#store.options.limits
  }

  /** The relations that it was created with. */
  get relations(): Relations {
    return this.#store.options.relations as Relations
  }

  /**
   * Loads a script: reads, checks and links it, and runs its `init`. Resolves with its id. Of a mod, it reads the manifest first, whose
   * options hold unless others are given here; a grant given here only narrows that of the manifest. If it fails, the world and the other
   * scripts are unchanged. What is probably a mistake though it runs is logged, and in `ScriptInfo.warnings`.
   *
   * @throws {ScriptError} LoadFailed, TooLarge, InvalidText, InvalidBinary, InvalidManifest, MissingExport, SignatureMismatch,
   * UnknownImport, ImportTypeMismatch, GrantDenied, InvalidMetadata, AbiMismatch, DuplicateName, InitFailed, InvalidOptions,
   * HashMismatch, DependencyUnmet, EngineUnavailable, Disposed, and the error that ends the start function
   * @example
   * const gun = await runtime.loadModule(new URL('./gun.wat', import.meta.url), { config: { bullets: 3 } })
   */
  loadModule(source: ScriptSource, options: LoadOptions<GrantedName<Components, Relations>> = {}): Promise<ScriptId> {
    return loadModule(this.#store, source, options)
  }

  /**
   * Replaces the code of a script and passes on its state. Resolves with a {@link ReloadReport}. A faulted script becomes
   * active again. If the reload fails, the old generation continues unchanged. If two reloads of a script overlap, the earlier
   * one rejects with `LoadFailed`. A script that is still loading is reloaded as soon as it has loaded.
   *
   * @throws {ScriptError} ScriptNotFound, StateRejected, and the errors of `loadModule`
   * @example
   * const { generation, state } = await runtime.reloadModule(gun, new URL('./gun.wat', import.meta.url))
   */
  reloadModule(id: ScriptId, source: ScriptSource, options: ReloadOptions = {}): Promise<ReloadReport> {
    return reloadModule(this.#store, id, source, options)
  }

  /**
   * Checks a script against the components, host functions and limits of this runtime, without running it. Resolves with a
   * description of the module.
   *
   * @throws {ScriptError} the errors of `loadModule`, except those of running the script
   * @example
   * const { imports } = await runtime.checkModule(new URL('./gun.wat', import.meta.url))
   */
  checkModule(source: ScriptSource, options: LoadOptions<GrantedName<Components, Relations>> = {}): Promise<ModuleDescription> {
    return checkScript(this.#store, source, options)
  }

  /**
   * Detaches a script from all entities, calls its `on_detach` for each, and removes it. A host function may unload the script
   * that calls it: its `on_detach` is not called then, because it is still running.
   *
   * @throws {ScriptError} ScriptNotFound
   * @example
   * runtime.unloadModule(gun)
   */
  unloadModule(id: ScriptId): void {
    const store = this.#live()
    unloadScript(store, findScript(store, id))
  }

  /**
   * Attaches a script to an entity. It runs on the entity from the next tick on.
   *
   * @throws {ScriptError} ScriptNotFound, EntityOutOfRange
   * @example
   * runtime.attach(ship, mover)
   */
  attach(entity: number, id: ScriptId): void {
    const store = this.#live()
    attachScript(store, entity, findScript(store, id))
  }

  /**
   * Detaches a script from an entity. Does nothing if it is not attached.
   *
   * @throws {ScriptError} ScriptNotFound
   * @example
   * runtime.detach(ship, mover)
   */
  detach(entity: number, id: ScriptId): void {
    const store = this.#live()
    detachScript(store, entity, findScript(store, id))
  }

  /**
   * Adds an entity with components and returns it. Fields that are left out are 0. Observers of the components are notified once
   * their fields are written. A `Recorder` records `spawn`, `write` and `despawn`, but not the functions of bitECS. If it fails,
   * no entity is added.
   *
   * @throws {ScriptError} InvalidOptions, EntityOutOfRange
   * @example
   * const ball = runtime.spawn({ Position: { x: 1 }, Dead: {} })
   */
  spawn(components: ComponentValues<Components> = {} as ComponentValues<Components>): number {
    return spawnEntity(this.#live(), components as ComponentValues)
  }

  /**
   * Writes fields of an entity. Adds missing components, whose other fields begin at 0; `null` removes one. If it fails, nothing
   * is written.
   *
   * @throws {ScriptError} InvalidOptions, EntityOutOfRange
   * @example
   * runtime.write(ball, { Velocity: { x: -1 }, Dead: null })
   */
  write(entity: number, components: ComponentChanges<Components>): void {
    writeEntity(this.#live(), entity, components as ComponentChanges)
  }

  /**
   * Removes an entity. While a script runs, the entity is removed when the script's run ends.
   *
   * @throws {ScriptError} EntityOutOfRange
   * @example
   * runtime.despawn(ball)
   */
  despawn(entity: number): void {
    despawnEntity(this.#live(), entity)
  }

  /**
   * Returns the version of an entity: how many entities had its id before. bitECS gives the id of a removed entity to the next
   * one, so only the id and the version together identify an entity. `restore` restores versions, too. An observer of a removal
   * gets the version of the entity that is removed.
   *
   * @example
   * const key = `${entity}:${runtime.version(entity)}`
   */
  version(entity: number): number {
    return this.#live().ecs.versions.current(entity)
  }

  /**
   * Adds a relation between two entities, and writes the data of the pair; data that are left out begin at 0. Of an exclusive relation,
   * the entity loses its other target. A `Recorder` records it. If it fails, nothing changes.
   *
   * @throws {ScriptError} InvalidOptions, EntityOutOfRange
   * @example
   * runtime.relate(turret, 'ChildOf', ship)
   * runtime.relate(pawn, 'Owes', banker, { amount: 5 })
   */
  relate(entity: number, relation: string, target: number, data: Readonly<Record<string, number>> = {}): void {
    const store = this.#live()
    relatingOf(store, relation).relateEntities(store, { entity, relation, target, data })
  }

  /**
   * Removes a relation between two entities. Does nothing if there is none. While a script runs, it is removed when the script's run
   * ends.
   *
   * @throws {ScriptError} InvalidOptions, EntityOutOfRange
   * @example
   * runtime.unrelate(turret, 'ChildOf', ship)
   */
  unrelate(entity: number, relation: string, target: number): void {
    const store = this.#live()
    relatingOf(store, relation).unrelateEntities(store, { entity, relation, target })
  }

  /**
   * Returns the tag component of a script: the entities that have it are those the script runs on. Valid until the script is
   * unloaded.
   *
   * @throws {ScriptError} ScriptNotFound
   * @example
   * query(world, [runtime.tag(mover), Position])
   */
  tag(id: ScriptId): object {
    return findScript(this.#open(), id).attachment.tag
  }

  /**
   * Calls an export with numbers; an i64 is a bigint. Returns its result, or an array of several. A fault makes the script
   * `faulted`, as in a tick, and is thrown.
   *
   * @throws {ScriptError} ScriptNotFound, ExportNotFound, SignatureMismatch, and the fault
   * @example
   * const score = runtime.call(scores, 'get_score', player)
   */
  call(id: ScriptId, name: string, ...numbers: (number | bigint)[]): unknown {
    return callWithNumbers(this.#live(), id, name, numbers)
  }

  /**
   * Calls an export, and converts its argument and its result as its signature requires. Parameters `(i32, i32)` are a pointer
   * to `arg` as JSON and its length; for any other parameters `arg` is a number or an array of numbers. Results `(i32, i32)`
   * or `i64` are read as JSON; another single result is returned as a number. `Result` is not checked.
   *
   * @throws {ScriptError} the errors of `call`, InvalidJson, InvalidPointer, MissingExport
   * @example
   * const { x, y } = runtime.callJson<{ x: number; y: number }>(path, 'find', { from: 1, to: 9 })
   */
  callJson<Result = unknown>(id: ScriptId, name: string, arg?: unknown): Result {
    return callWithJson(this.#live(), id, name, arg) as Result
  }

  /**
   * Calls an export that takes and returns bytes: parameters `()` or `(pointer, length)`, results `(pointer, length)` or one
   * i64 `pointer << 32 | length`. Returns a copy of the bytes; `undefined` if the export has no result.
   *
   * @throws {ScriptError} the errors of `call`, InvalidOptions, TooLarge, InvalidPointer, MissingExport
   * @example
   * const compressed = runtime.callBytes(zip, 'compress', new TextEncoder().encode('hello'))
   */
  callBytes<Result = Uint8Array | undefined>(id: ScriptId, name: string, bytes: Uint8Array = new Uint8Array()): Result {
    if (!(bytes instanceof Uint8Array)) throw new ScriptError('InvalidOptions', 'callBytes must be given a Uint8Array')
    return callWithBytes(this.#live(), id, name, bytes) as Result
  }

  /**
   * Runs one fixed step of `dt` seconds. Faults of scripts are reported by the `error` event, and never thrown.
   *
   * @throws {ScriptError} InvalidOptions if `dt` is negative or not a finite number, HostError while scripts are running
   * @example
   * const { entities, fuel, faults } = runtime.tick(1 / 60)
   */
  tick(dt: number): TickReport {
    this.#open()
    if (typeof dt !== 'number' || !Number.isFinite(dt) || dt < 0) {
      throw new ScriptError('InvalidOptions', `dt must be a number of seconds, 0 or more, not ${String(dt)}`)
    }
    const store = this.#idle('tick')
    store.workerAnswers?.receive(store)
    store.services?.receive(store)
    store.jobs?.receive()
    // The inputs of jobs are the game's code.
    this.#idle('tick')
    recordInput(store, () => ({ kind: 'tick', dt }))
    return runStep(store, () => {
      const report = runTick(store, dt)
      store.probations?.count(store)
      store.emitter.queue('tick', report)
      return report
    })
  }

  /**
   * Resolves when no call of a plugin in a worker and no request by HTTP waits for its answer, and no job for an item that it asked its
   * input for. The next tick applies all of them. A run without a screen calls it after each tick, since no time passes there in which
   * they could come.
   *
   * @throws {ScriptError} Disposed
   * @example
   * for (let tick = 0; tick < 600; tick++) {
   *   runtime.tick(1 / 60)
   *   await runtime.settle()
   * }
   */
  async settle(): Promise<void> {
    const store = this.#open()
    await Promise.all([settleLateCalls(store), store.jobs?.settled()])
  }

  /**
   * Returns a snapshot of the whole game: entities, components and fields, the memories and globals of scripts, queued events and
   * messages, random numbers, and time. Changes nothing.
   *
   * @throws {ScriptError} HostError while scripts are running
   * @example
   * const saved = runtime.snapshot()
   */
  snapshot(): Snapshot {
    return takeSnapshot(this.#idle('snapshot'))
  }

  /**
   * Restores the game to a snapshot, in place: arrays, queries and tags remain the same objects, and observers are called for
   * components that are added and removed. Scripts keep their current code; the {@link RestoreReport} lists those that were
   * reloaded, loaded or unloaded since. If it fails, nothing changes.
   *
   * @throws {ScriptError} InvalidOptions, HostError while scripts are running, StateRejected for a snapshot of a game with
   * components or fields that this one does not have, of entities past the capacity, or of a state that no game or script can have
   * @example
   * runtime.restore(saved)
   */
  restore(snapshot: Snapshot): RestoreReport {
    return restoreSnapshot(this.#idle('restore'), snapshot)
  }

  /**
   * Takes the reload of a script on probation back, code and world, to the moment before it, as a trap on probation does. Returns what
   * `restore` returns. `ScriptInfo.probation` says whether a script is on probation.
   *
   * @throws {ScriptError} ScriptNotFound, InvalidOptions if it is not on probation, HostError while scripts are running
   * @example
   * if (runtime.script(gun).probation > 0) runtime.revert(gun)
   */
  revert(id: ScriptId): RestoreReport {
    const store = this.#idle('revert')
    return revertReload(store, findScript(store, id))
  }

  /**
   * Returns the result of a script's `get_state`; `undefined` if the script does not export it. It is called on a copy of the
   * script, so the script, the world and a recording do not change.
   *
   * @throws {ScriptError} ScriptNotFound, HostError while scripts are running, and the errors of `get_state`
   * @example
   * console.log(runtime.readState(gun))
   */
  readState(id: ScriptId): unknown {
    const store = this.#idle('readState')
    return readState(store, findScript(store, id))
  }

  /**
   * Returns the variables that an Extism plugin keeps, by name, as copies of their bytes; none for a script. With `instances: 'entity'`
   * each entity has its own: give the entity.
   *
   * @throws {ScriptError} ScriptNotFound
   * @example
   * const total = new TextDecoder().decode(runtime.readVariables(counter).get('total'))
   */
  readVariables(id: ScriptId, entity?: number): ReadonlyMap<string, Uint8Array> {
    return readVariables(findScript(this.#open(), id), entity)
  }

  /**
   * Returns a copy of the config that a script was loaded with; `null` if it has none. For an Extism plugin, returns the values of
   * `config_get` by key: those of the option, and those of the manifest.
   *
   * @throws {ScriptError} ScriptNotFound
   * @example
   * console.log(runtime.readConfig(counter)) // { vowels: 'aeiou' }
   */
  readConfig(id: ScriptId): unknown {
    return readConfig(findScript(this.#open(), id))
  }

  /**
   * Gives a script another config: what it imports from `config` changes at once, and an actor gets it in its next context; `init` is not
   * called again. If the config lacks what the script imports, or its `validate_config` refuses it, nothing changes.
   *
   * @throws {ScriptError} ScriptNotFound, InvalidOptions, HostError while scripts are running, and the errors of `validate_config`
   * @example
   * runtime.configure(gun, { speed: 12, auto: true })
   */
  configure(id: ScriptId, config: unknown): void {
    const store = this.#idle('configure')
    const script = findScript(store, id)
    if (store.configuring === undefined) throw inScript(script, new ScriptError('InvalidOptions', 'no script was loaded with a config'))
    store.configuring.configure(store, script, config)
  }

  /**
   * Returns what a script keeps in its storage, by key, as copies of the bytes.
   *
   * @throws {ScriptError} ScriptNotFound
   * @example
   * const best = new TextDecoder().decode(runtime.readStorage(score).get('best'))
   */
  readStorage(id: ScriptId): ReadonlyMap<string, Uint8Array> {
    return readStorage(findScript(this.#open(), id))
  }

  /**
   * Returns the metrics that scripts import, of one script after the other, in the order in which they run.
   *
   * @example
   * for (const { script, name, value } of runtime.metrics()) console.log(script, name, value)
   */
  metrics(): readonly Metric[] {
    const store = this.#open()
    return store.services?.metrics(store) ?? []
  }

  /**
   * Returns {@link metrics} in the text format of Prometheus, version 0.0.4, with the script as a tag. A histogram is a summary of its count
   * and sum, and two gauges with `_min` and `_max` behind its name.
   *
   * @example
   * response.setHeader('content-type', 'text/plain; version=0.0.4').end(runtime.formatPrometheus())
   */
  formatPrometheus(): string {
    return this.#open().services?.format(this.metrics()) ?? ''
  }

  /**
   * Returns how often loads and reloads of this runtime found a module in the cache, which all runtimes share.
   *
   * @example
   * const { compiled } = runtime.cacheStats()
   * console.log(`${compiled.hits} of ${compiled.hits + compiled.misses} modules were compiled before`)
   */
  cacheStats(): CacheStats {
    return moduleCache.stats(this.#open().cacheCounts)
  }

  /**
   * Returns a live view of a script.
   *
   * @throws {ScriptError} ScriptNotFound
   * @example
   * const { status, stats } = runtime.script(mover)
   */
  script(id: ScriptId): ScriptInfo {
    return infoOf(findScript(this.#open(), id))
  }

  /**
   * Returns all scripts in the order in which they run, including those that are still loading.
   *
   * @example
   * for (const { name, status } of runtime.scripts()) console.log(name, status)
   */
  scripts(): readonly ScriptInfo[] {
    return this.#open().scripts.map(infoOf)
  }

  /**
   * Returns the script with a name; `undefined` if there is none.
   *
   * @example
   * const mover = runtime.find('mover')?.id
   */
  find(name: string): ScriptInfo | undefined {
    const found = this.#open().scripts.find((script) => script.name === name)
    return found && infoOf(found)
  }

  /**
   * Calls `listener` for every event with a name. Returns a function that removes the listener. Listeners are called when no
   * script runs, and may change the game, except those for `input`.
   *
   * Without a listener for `error`, each distinct fault is printed by `console.error` once, and again after a reload of the
   * script. Without a listener for `log` and without `onLog`, log lines are printed by the console at their level.
   *
   * @throws {ScriptError} InvalidOptions
   * @example
   * const off = runtime.on('error', (error) => console.error(error.message))
   */
  on<Name extends RuntimeEventName>(
    name: Name,
    listener: (payload: RuntimeEvents[Name]) => void,
    options: ListenerOptions = {},
  ): () => void {
    return this.#open().emitter.on(name, listener, options)
  }

  /**
   * Queues an event for the scripts that export `on_<name>`. They handle it in the next tick.
   *
   * @throws {ScriptError} InvalidOptions, OutOfMemory if too many events are queued
   * @example
   * runtime.emit('hit', player, 10)
   */
  emit(name: string, ...numbers: (number | bigint)[]): void {
    emitEvent(this.#open(), name, numbers)
  }

  /**
   * Sends a message to a script, by its id or its name. Its `handle_message` gets it in the next tick, as JSON
   * `{ from: null, topic, data }`. Messages are part of snapshots and recordings.
   *
   * @throws {ScriptError} ScriptNotFound, ExportNotFound for a script that handles no messages, QueueFull, InvalidOptions
   * @example
   * runtime.send('shop', 'restock', { item: 'arrow', count: 20 })
   */
  send(to: ScriptId | string, topic: string, data: unknown = null): void {
    const store = this.#live()
    sendMessage(store, findAddressee(store, to), topic, data)
  }

  /**
   * Sends a message to a script and resolves with its reply: the result of `handle_message`. The script gets it in the next tick. A
   * restore ends the request with `Timeout`.
   *
   * @throws {ScriptError} the errors of `send`; Timeout if there is no reply within the ticks; the fault of the script; Disposed
   * @example
   * const { price } = await runtime.request('shop', 'price', { item: 'arrow' }, { ticks: 60 })
   */
  async request<Reply = unknown>(to: ScriptId | string, topic: string, data: unknown = null, options: RequestOptions = {}): Promise<Reply> {
    const store = this.#live()
    const { ticks } = resolveRequestOptions(options)
    return (await requestReply(store, findAddressee(store, to), topic, data, ticks)) as Reply
  }

  /**
   * Starts a job of a script: work on data that is too big for a tick. From the next tick on, its exports `job_init`, `job_chunk`,
   * `job_finish` and `job_cleanup` run in an instance of their own, as much in a tick as `fuelPerTick` allows. The input is read as it is
   * needed. A job ends if its script faults, or is reloaded or unloaded, or the game is restored: no snapshot holds it.
   *
   * @throws {ScriptError} ScriptNotFound, ExportNotFound for a script without `job_chunk`, InvalidOptions, also for a plugin in a worker
   * @example
   * const job = runtime.job(importer, file.readableWebStream())
   * for await (const part of job) console.log(part, job.progress)
   * console.log(await job.result)
   */
  job<Item>(id: ScriptId, input: JobInput<Item>, options: JobOptions = {}): Job<JobOutput<Item>> {
    const store = this.#live()
    const script = findLoaded(store, id)
    // No script has been loaded that takes jobs.
    if (store.jobs === undefined) throw inScript(script, new ScriptError('ExportNotFound', NO_JOBS))
    return store.jobs.start(script, input, options) as Job<JobOutput<Item>>
  }

  /**
   * Unloads all scripts and releases the world. Further calls do nothing; every other method throws `Disposed` from then on.
   *
   * @example
   * runtime.dispose()
   */
  dispose(): void {
    disposeStore(this.#store)
  }

  #open(): Store {
    checkOpen(this.#store)
    return this.#store
  }

  /** Returns the store. Throws `HostError` if the world was reset or deleted. */
  #live(): Store {
    checkLive(this.#store)
    return this.#store
  }

  /** Returns the store. Throws `HostError` if the world is gone, and while scripts run, when the state of the game is incomplete. */
  #idle(what: string): Store {
    const store = this.#live()
    checkIdle(store, what)
    return store
  }
}
