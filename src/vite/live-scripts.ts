import { setTimeout as wait } from 'node:timers/promises'
import type { DevEnvironment, HotPayload, ViteDevServer } from 'vite'
import { changedAgain, type Settled, settle } from '../files/settle.ts'
import { escapeControls, escapeLine } from '../printable.ts'
import type { SourceModule } from '../wasm/text/source-module.ts'
import { EVENTS, type Mistake, mistakeOf, type ScriptChange, type ScriptVersion, type Warnings } from './hot-events.ts'
import { listen, mistakePayload, versionPayload, warningsPayload } from './hot-payloads.ts'
import { linkTarget } from './link-path.ts'
import { type LocalHot, localHot } from './local-hot.ts'
import { overlayError, PLUGIN, withIndent } from './overlay.ts'
import type { ProjectScripts } from './project-scripts.ts'
import type { FileContent } from './script-content.ts'
import { type ScriptFile, ServedScripts } from './served-scripts.ts'

/** One save, which Vite reports to each environment in turn. */
interface Save {
  readonly file: string
  readonly timestamp: number
  readonly settled: Promise<Settled<SourceModule>>
}

/** Returns whether the modules of an environment run on a server. */
export function isServer({ config }: { readonly config: { readonly consumer: 'client' | 'server' } }): boolean {
  return config.consumer === 'server'
}

/** Sends the saves of scripts to the runtimes of a development server's environments, in pages, in workers and on the server. */
export class LiveScripts {
  readonly #server: ViteDevServer
  readonly #environments: ReadonlySet<object>
  readonly #files: ProjectScripts
  readonly #served = new ServedScripts()
  readonly #local: LocalHot = localHot()
  /** The other files that scripts are made of, by script: the modules that a manifest names, and what a source depends on. */
  readonly #parts = new Map<string, readonly string[]>()
  /** The files that scripts are made of, by script, where links lead to other paths. */
  readonly #targets = new Map<string, readonly string[]>()
  /** The modules whose code holds what a script was compiled to, by its file. */
  readonly #holders = new Map<string, Set<string>>()
  #save: Save | undefined

  constructor(server: ViteDevServer, files: ProjectScripts) {
    this.#server = server
    this.#files = files
    this.#environments = new Set(Object.values(server.environments))
    for (const environment of Object.values(server.environments)) {
      const { hot } = environment
      // A worker can show nothing: what it finds is shown by all pages.
      const shownBy = <Client>({ isPage = true }: Pick<Mistake, 'isPage'>, client: Client) =>
        isPage || isServer(environment) ? client : hot
      listen(hot, EVENTS.mistake, mistakePayload, (mistake, client) => this.#showMistake(shownBy(mistake, client), mistake))
      listen(hot, EVENTS.warnings, warningsPayload, (warnings, client) => this.#showWarnings(shownBy(warnings, client), warnings))
      listen(hot, EVENTS.opened, versionPayload, (opened, client) =>
        this.#sendMissed(environment, opened, (...sent) => client.send(...sent)),
      )
      hot.on(EVENTS.restart, () => hot.send({ type: 'full-reload' }))
    }
    this.#local.on(EVENTS.mistake, this.#onLocalMistake)
    this.#local.on(EVENTS.warnings, this.#onLocalWarnings)
    this.#local.on(EVENTS.opened, this.#onLocalOpened)
  }

  /** Stops listening to runtimes in this process. Further calls do nothing. */
  close(): void {
    this.#local.off(EVENTS.mistake, this.#onLocalMistake)
    this.#local.off(EVENTS.warnings, this.#onLocalWarnings)
    this.#local.off(EVENTS.opened, this.#onLocalOpened)
  }

  /** Returns whether an environment is one of the server's own. */
  isOf(environment: object): boolean {
    return this.#environments.has(environment)
  }

  /** Returns the scripts that a file is part of: itself, the manifests that name it, and those that links lead from to it. */
  scriptsOf(file: string): readonly string[] {
    const parts = [...this.#parts, ...this.#targets]
    return [...new Set([file, ...parts.filter(([, files]) => files.includes(file)).map(([script]) => script)])]
  }

  /** Keeps that the code of a module holds what a script was compiled to. */
  hold(file: string, id: string): void {
    this.#holders.set(file, (this.#holders.get(file) ?? new Set()).add(id))
  }

  /** Makes an environment transform the modules again whose code holds what a script was compiled to. */
  invalidateHolders({ moduleGraph }: DevEnvironment, file: string): void {
    for (const id of this.#holders.get(file) ?? []) {
      const holder = moduleGraph.getModuleById(id)
      if (holder !== undefined) moduleGraph.invalidateModule(holder)
    }
  }

  /** Returns whether an environment was given the URL of a file: see {@link LiveScripts.serve}. */
  servesUrl({ name }: DevEnvironment, file: string): boolean {
    return this.#served.serves(name, file)
  }

  /**
   * Keeps a module that an import is about to get, or that is read from its URL: its id is then its file. Returns it with its
   * version.
   */
  serve(environment: DevEnvironment, id: string, file: string, script: FileContent, module: SourceModule): ScriptChange {
    const { whole } = this.#compiled(file, script)
    const change = this.#served.serve(environment.name, id, this.#named(file), whole, module)
    // It was saved, and imported before the watcher reported it: what imported it earlier runs the version before.
    if (change !== undefined && change.version > 1) this.#send(environment, EVENTS.changed, change)
    return change ?? (this.#served.latest(environment.name, id) as ScriptChange)
  }

  /** Keeps that an import fails because of a mistake in the file. */
  serveMistake(environment: DevEnvironment, id: string, file: string, script: FileContent): void {
    const { whole } = this.#compiled(file, script)
    this.#served.serve(environment.name, id, this.#named(file), whole, undefined)
  }

  /** Handles the removal of a file, which is a script's own or one that its manifest names. */
  removed(environment: DevEnvironment, ids: readonly string[], script: string, file: string): void {
    this.#served.forget(script)
    for (const id of ids) this.#send(environment, EVENTS.removed, { id, file: this.#files.nameOf(file) })
  }

  /** Handles a save: reads the file until it is whole, compiles it, and sends the result, or its mistake, to an environment. */
  async saved(environment: DevEnvironment, ids: readonly string[], file: string, timestamp: number): Promise<void> {
    if (this.#save?.file !== file || this.#save.timestamp !== timestamp) {
      this.#save = { file, timestamp, settled: this.#settle(file) }
    }
    const settled = await this.#save.settled
    if (settled.state === 'nothing') return
    for (const id of ids) {
      if (settled.state === 'mistake') {
        this.#served.keepMistake(environment.name, id, settled.content ?? new Uint8Array())
        this.#showMistake(environment.hot, mistakeOf(id, settled.error))
        continue
      }
      const isBroken = this.#served.isBroken(environment.name, id)
      const change = this.#served.serve(environment.name, id, this.#named(file), settled.content, settled.result)
      if (isBroken) environment.hot.send({ type: 'full-reload' })
      else if (change !== undefined) this.#send(environment, EVENTS.changed, change)
    }
  }

  async #settle(file: string): Promise<Settled<SourceModule>> {
    let last: FileContent | undefined
    const read = async (): Promise<Uint8Array | undefined> => {
      last = await this.#files.read(file)
      if (last !== undefined) this.#watch(file, last)
      return last?.whole
    }
    const isKnown = (content: Uint8Array): boolean => this.#served.isKnown(file, content)
    const found = await settle({
      file: this.#files.nameOf(file),
      read,
      isKnown,
      wait: (milliseconds) => wait(milliseconds),
      take: () => this.#files.compile(file, last as FileContent),
    })
    const settled = last === undefined || found.state === 'nothing' ? found : { ...found, content: this.#compiled(file, last).whole }
    if (settled.state === 'taken') {
      this.#server.config.logger.info(`script reload ${this.#files.nameOf(file)}`, { timestamp: true })
    }
    // The watcher may not report a second change that comes soon after the first.
    void changedAgain({ read, isKnown, wait: (milliseconds) => wait(milliseconds, undefined, { ref: false }) }).then((isLate) => {
      if (isLate) this.#server.watcher.emit('change', file)
    })
    return settled
  }

  /** Returns a script as it was compiled, and notices saves of what it then depends on. */
  #compiled(file: string, script: FileContent): FileContent {
    const compiled = this.#files.compiled(file, script)
    this.#watch(file, compiled)
    return compiled
  }

  /** Notices saves of a script's file, of the modules that it names, and of what it depends on. */
  #watch(file: string, { modules, dependencies }: FileContent): void {
    const parts = [...modules, ...dependencies]
    if (parts.length > 0) this.#parts.set(file, parts)
    this.#targets.set(
      file,
      [file, ...parts].flatMap((path) => linkTarget(path) ?? []),
    )
    this.#server.watcher.add([file, ...parts])
  }

  #named(file: string): ScriptFile {
    return { file, name: this.#files.nameOf(file) }
  }

  /** Sends an event to the runtimes of an environment. */
  #send(environment: DevEnvironment, event: string, payload: unknown): void {
    environment.hot.send(event, payload)
    if (isServer(environment)) this.#local.send(event, payload)
  }

  /** Sends a module's last content if it was saved after the module was served, and before it listened. */
  #sendMissed({ name }: DevEnvironment, { id, version }: ScriptVersion, send: (event: string, payload: unknown) => void): void {
    const latest = this.#served.latest(name, id)
    if (latest !== undefined && latest.version !== version) send(EVENTS.changed, latest)
  }

  /** Shows a mistake in the overlay of pages, if it comes from one, and in the terminal. */
  #showMistake(to: { send(payload: HotPayload): void } | undefined, mistake: Mistake): void {
    const { config } = this.#server
    const err = overlayError(mistake, config)
    to?.send({ type: 'error', err: withIndent(err) })
    const { location } = mistake
    const place = location === undefined ? '' : `${escapeLine(location.file)}:${location.line}:${location.column}: `
    config.logger.error(`${place}${err.message}\n${err.frame ?? ''}${err.stack}`, { timestamp: true })
  }

  /** Shows the warnings of a script in the terminal and, after a save, in the page's overlay. */
  #showWarnings(to: { send(payload: HotPayload): void } | undefined, { id, script, warnings, inPage }: Warnings): void {
    const message = warnings.map((warning) => `${script}: ${warning}`).join('\n')
    if (inPage) to?.send({ type: 'error', err: { message, stack: '', id, plugin: PLUGIN } })
    this.#server.config.logger.warn(escapeControls(message), { timestamp: true })
  }

  readonly #onLocalWarnings = (warnings: Warnings): void => this.#showWarnings(undefined, warnings)

  readonly #onLocalMistake = (mistake: Mistake): void => this.#showMistake(undefined, mistake)

  readonly #onLocalOpened = (opened: ScriptVersion): void => {
    for (const environment of Object.values(this.#server.environments)) {
      if (isServer(environment)) this.#sendMissed(environment, opened, this.#local.send)
    }
  }
}
