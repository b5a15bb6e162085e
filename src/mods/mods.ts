import { toScriptError } from '../engine/trap.ts'
import { ScriptError, withContext } from '../errors.ts'
import type { Grant } from '../host/modules/permissions.ts'
import type { ReloadReport } from '../runtime/api/reports.ts'
import type { ScriptId } from '../runtime/api/script-info.ts'
import { enterScript, prepareStart, type ReadyScript } from '../runtime/load/load.ts'
import { deniedNames } from '../runtime/load/manifest/grants.ts'
import type { Manifest } from '../runtime/load/manifest/manifest.ts'
import type { ModSource, OpenedMod, ScriptAsset } from '../runtime/load/script-source.ts'
import { prepareReload, type ReadyReload } from '../runtime/reload/reload.ts'
import type { WasmScriptRuntime } from '../runtime/runtime.ts'
import { setPaused } from '../runtime/script/pause.ts'
import type { Script } from '../runtime/script/script.ts'
import { checkIdle, type Store, storeOf } from '../runtime/script/store.ts'
import { Turns } from '../turns.ts'
import { checkRequired, checkUnneeded, inOrder, type Requirable } from './dependencies.ts'
import { type FoundSource, findMods, openFound } from './find-mods.ts'
import { infoOfMod, type LoadedMod, type ModInfo, manifestOf } from './mod-info.ts'
import { limitsWithin } from './mod-limits.ts'
import { type ModsOptions, type ResolvedModsOptions, resolveModsOptions, SERVICES } from './mod-options.ts'
import { reloadTogether, startTogether } from './together.ts'

/**
 * The mods of a game: scripts with manifests, loaded in the order of what they require of each other, each with the grant that the game allows.
 * Which mods are enabled is part of snapshots and recordings.
 *
 * @example
 * const mods = new Mods(runtime, { allow: () => ({ read: ['Position'], host: ['math', 'host.log'] }) })
 * await mods.load(new URL('./mods/', import.meta.url))
 * mods.disable('doors')
 */
export class Mods {
  readonly #runtime: WasmScriptRuntime
  readonly #store: Store
  readonly #options: ResolvedModsOptions
  readonly #mods = new Map<string, LoadedMod>()
  /** Loads and reloads run one after the other. */
  readonly #turns = new Turns()

  /**
   * Creates the registry of a runtime's mods. It is empty.
   *
   * @throws {ScriptError} InvalidOptions
   */
  constructor(runtime: WasmScriptRuntime, options: ModsOptions = {}) {
    this.#runtime = runtime
    this.#store = storeOf(runtime)
    this.#options = resolveModsOptions(options, this.#store.options.limits)
  }

  /**
   * Loads mods: those of a folder (a `file:` URL: manifests in it and in the folders in it), of an index (the URL of JSON `{ "mods": [urls] }`, relative to
   * it), of one manifest (its URL), or of a list: mods in memory, imports of `bitscript/vite`, URLs of manifests. What a mod requires starts before it. All of them start in one step between two
   * ticks; if one fails, none is loaded and the game is as before. Resolves with what was loaded, in the order in which it started.
   *
   * @throws {ScriptError} InvalidManifest, HashMismatch, DuplicateName, DependencyUnmet, GrantDenied, and the errors of `loadModule`
   * @example
   * await mods.load(new URL('https://mods.example/index.json'))
   */
  load(source: URL | readonly (ModSource | ScriptAsset | URL)[]): Promise<readonly ModInfo[]> {
    return this.#turns.next(async () => {
      const found = await findMods(source, this.#options.limits)
      this.#live()
      const added = this.#unique(found)
      const all = new Map<string, Requirable>([
        ...this.#requirable(),
        ...[...added].map(([name, { mod }]) => [name, enabled(mod)] as const),
      ])
      const ordered = inOrder(added, ({ mod }) => mod.manifest)
      for (const { mod } of ordered) checkRequired(mod.manifest, all)
      const ready: ReadyScript[] = []
      const started = deferred()
      try {
        for (const found of ordered) ready.push(await this.#prepare(found, started.promise))
        // A mod that they require may have been disabled in the meantime.
        const now = new Map([...all, ...this.#requirable()])
        for (const { mod } of ordered) checkRequired(mod.manifest, now)
        this.#change()
      } catch (error) {
        for (const each of ready) each.abandon(error)
        started.reject(error)
        throw error
      }
      try {
        startTogether(this.#store, ready)
        started.resolve()
      } catch (error) {
        started.reject(error)
        throw error
      }
      for (const [index, { mod, from }] of ordered.entries())
        this.#mods.set(mod.manifest.name, { script: (ready[index] as ReadyScript).script, from, loaded: mod.manifest })
      return ordered.map(({ mod }) => this.get(mod.manifest.name) as ModInfo)
    })
  }

  /**
   * Returns all mods, in the order in which they were loaded.
   *
   * @example
   * for (const { name, version, status } of mods.list()) console.log(name, version, status)
   */
  list(): readonly ModInfo[] {
    return Object.freeze([...this.#loaded().values()].map(infoOfMod))
  }

  /**
   * Returns a mod; `undefined` if there is none with the name.
   *
   * @example
   * if (mods.get('doors')?.status === 'faulted') await mods.reload('doors')
   */
  get(name: string): ModInfo | undefined {
    const mod = this.#loaded().get(name)
    return mod && infoOfMod(mod)
  }

  /**
   * Lets a disabled mod run from the next tick on. Does nothing if it is enabled.
   *
   * @throws {ScriptError} ScriptNotFound; DependencyUnmet if a mod that it requires is not there, or disabled; HostError while scripts are running
   * @example
   * mods.enable('doors')
   */
  enable(name: string): void {
    const mod = this.#find(name)
    if (!mod.script.isPaused) return
    this.#change()
    checkRequired(manifestOf(mod), this.#requirable())
    setPaused(this.#store, name, false)
  }

  /**
   * Stops a mod from the next tick on. It stays loaded and keeps its state and its entities; what happens meanwhile calls nothing of it, and
   * messages to it are refused. Does nothing if it is disabled.
   *
   * @throws {ScriptError} ScriptNotFound; DependencyUnmet if an enabled mod requires it; HostError while scripts are running
   * @example
   * mods.disable('doors')
   */
  disable(name: string): void {
    const mod = this.#find(name)
    if (mod.script.isPaused) return
    this.#change()
    checkUnneeded(name, 'disabled', this.#requirable())
    setPaused(this.#store, name, true)
  }

  /**
   * Unloads a mod. Components that it declared are removed from all entities.
   *
   * @throws {ScriptError} ScriptNotFound; DependencyUnmet if an enabled mod requires it; HostError while scripts are running
   * @example
   * mods.unload('doors')
   */
  unload(name: string): void {
    const { script } = this.#find(name)
    this.#change()
    checkUnneeded(name, 'unloaded', this.#requirable())
    this.#runtime.unloadModule(script.id)
    this.#mods.delete(name)
  }

  /**
   * Reads a mod again, or all of them, and replaces their code as `reloadModule` does: in one step between two ticks, and if one fails, none is
   * replaced. A faulted mod runs again. The options of a manifest hold as they were loaded; `ReloadReport.warnings` names those that changed.
   *
   * @throws {ScriptError} ScriptNotFound, DependencyUnmet for a version that another mod does not accept, and the errors of `load` and `reloadModule`
   * @example
   * const [report] = await mods.reload('doors')
   */
  reload(name?: string): Promise<readonly ReloadReport[]> {
    return this.#turns.next(async () => {
      const chosen = name === undefined ? [...this.#loaded().values()] : [this.#find(name)]
      const opened = await Promise.all(chosen.map(({ from, script }) => inMod(script.name, openFound(from, this.#options.limits))))
      this.#live()
      for (const [index, { mod }] of opened.entries()) await this.#checkSame((chosen[index] as LoadedMod).script, mod)
      const reloads: ReadyReload[] = []
      try {
        for (const [index, { mod }] of opened.entries()) {
          const { script } = chosen[index] as LoadedMod
          reloads.push(await prepareReload(this.#store, script, mod, { turn: ++script.reloads }))
        }
        const now = new Map(this.#requirable())
        for (const { mod } of opened)
          now.set(mod.manifest.name, { manifest: mod.manifest, isEnabled: now.get(mod.manifest.name)?.isEnabled ?? false })
        for (const { manifest, isEnabled } of now.values()) if (isEnabled) checkRequired(manifest, now)
        this.#change()
      } catch (error) {
        for (const each of reloads) each.abandon(error)
        throw error
      }
      return reloadTogether(this.#store, reloads)
    })
  }

  /** Throws `Disposed` if the runtime was disposed of. */
  #live(): void {
    // Every method but a few throws then.
    this.#runtime.version(0)
  }

  /** Throws `HostError` while scripts run, or a recording is replayed, which changes the mods by itself. */
  #change(): void {
    this.#live()
    checkIdle(this.#store, 'Mods')
    if (this.#store.isReplayed) throw new ScriptError('HostError', 'a recording is being replayed, which changes mods as it was recorded')
  }

  /** Returns the mods whose scripts are loaded: the game may have unloaded one by its id. */
  #loaded(): ReadonlyMap<string, LoadedMod> {
    for (const [name, { script }] of this.#mods) if (script.status === 'disposed') this.#mods.delete(name)
    return this.#mods
  }

  #find(name: string): LoadedMod {
    const mod = this.#loaded().get(name)
    if (mod === undefined) throw new ScriptError('ScriptNotFound', `there is no mod '${name}'`, { script: name })
    return mod
  }

  #requirable(): ReadonlyMap<string, Requirable> {
    return new Map([...this.#loaded()].map(([name, mod]) => [name, { manifest: manifestOf(mod), isEnabled: !mod.script.isPaused }]))
  }

  /** Returns the mods by name. Throws `DuplicateName`. */
  #unique(found: readonly FoundSource[]): ReadonlyMap<string, FoundSource> {
    const added = new Map<string, FoundSource>()
    for (const each of found) {
      const { name } = each.mod.manifest
      if (added.has(name) || this.#store.scripts.some((script) => script.name === name)) {
        const why = added.has(name) ? 'two mods that are loaded have this name' : 'a script with this name is loaded already'
        throw new ScriptError('DuplicateName', why, { script: name })
      }
      added.set(name, each)
    }
    return added
  }

  async #prepare(found: FoundSource, started: Promise<void>): Promise<ReadyScript> {
    const ready = await inMod(found.mod.manifest.name, this.#enter(found, started))
    const denied = ready.modules.map((each) => each.split('.')[0] as string).find((each) => this.#isKept(each))
    if (denied === undefined) return ready
    throw ready.abandon(new ScriptError('GrantDenied', `it imports the service '${denied}', which mods may not use here`))
  }

  async #enter({ mod, from }: FoundSource, started: Promise<void>): Promise<ReadyScript> {
    const { manifest } = mod
    const grant = await this.#grantOf(manifest)
    this.#live()
    const given = { limits: limitsWithin(this.#options.limits, manifest.limits), ...(grant !== undefined && { grant }) }
    const script = enterScript(this.#store, this.#store.nextScript++ as ScriptId, mod, mod.complete(given, this.#store.options))
    script.loaded = started
    // From here on, so that a save during the load is not missed.
    this.#store.follow(script, from)
    return prepareStart(this.#store, script, mod)
  }

  /** Returns what a mod is granted; `undefined` for everything. Rejects with `GrantDenied` if it asks for more than is allowed. */
  async #grantOf(manifest: Manifest): Promise<Grant | undefined> {
    const { allow } = this.#options
    if (allow === undefined) return manifest.grant
    const allowed = await allow(manifest)
    if (manifest.grant === undefined) return allowed
    const own = Object.keys(manifest.components ?? {})
    const denied = deniedNames(manifest.grant, allowed).filter((each) => !own.some((name) => each.endsWith(` '${name}'`)))
    if (denied.length > 0) throw new ScriptError('GrantDenied', `its manifest asks for what is not allowed: ${denied.join(', ')}`)
    return manifest.grant
  }

  /** Returns whether the services that mods may use leave one out. */
  #isKept(module: string): boolean {
    return (SERVICES as readonly string[]).includes(module) && !this.#options.services.includes(module)
  }

  /** Rejects with the mistakes of a manifest that a loaded mod cannot be reloaded with. */
  async #checkSame({ name }: Script, { manifest }: OpenedMod): Promise<void> {
    if (manifest.name !== name)
      throw new ScriptError('InvalidManifest', `name: must be '${name}', as when it was loaded, not '${manifest.name}'`, { script: name })
    await inMod(name, this.#grantOf(manifest))
  }
}

interface Deferred {
  readonly promise: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

function deferred(): Deferred {
  let settle: Omit<Deferred, 'promise'> | undefined
  const promise = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject }
  })
  // A reload that waits hears of it.
  promise.catch(() => undefined)
  return { promise, ...(settle as unknown as Omit<Deferred, 'promise'>) }
}

function enabled({ manifest }: OpenedMod): Requirable {
  return { manifest, isEnabled: true }
}

/** Rejects with the errors of `work` in the name of a mod. */
async function inMod<Result>(name: string, work: Promise<Result>): Promise<Result> {
  try {
    return await work
  } catch (error) {
    throw withContext(toScriptError(error), { script: name })
  }
}
