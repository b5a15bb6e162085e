import type { FollowedScript, ScriptAsset, ScriptError } from '../index.ts'
import { EVENTS, type Mistake, mistakeOf, type ScriptChange, type Warnings } from './hot-events.ts'

// Runs where the runtime is, in development: the modules of `*?script` imports call it. At run time it must import only `hot-events.ts`.

/** The part of `import.meta.hot` that is used. */
interface HotContext {
  on(event: string, listener: (payload: never) => void): void
  send(event: string, payload: unknown): void
}

/** The file of a script that is reloaded when it is saved. */
interface LiveFile {
  /** The id of its Vite module. */
  readonly id: string
  /** The name of the script. */
  readonly name: string
  /** Its path as errors show it. */
  readonly file: string
  /** Its URL. */
  readonly url: string
}

/** Makes a script follow the saves of its file. Returns what ends that. */
type Follow = NonNullable<ScriptAsset['follow']>

/** The content of a script, as an asset holds it. */
type Content = Pick<ScriptAsset, 'bytes' | 'text' | 'manifest' | 'mod'>

/** The last content that was received, and its version; `undefined` for a script that is read from the URL of its file. */
interface Received {
  version: number | undefined
  content: Content
}

/** Codes of loads and reloads that failed, but not because of a mistake in the script. */
const UNREPORTED: readonly string[] = ['LoadFailed', 'ScriptNotFound', 'Disposed']

/** Distinct faults that are reported until the next save. */
const MAX_FAULTS = 20

/** Returns the asset of a script's import. On each save it reloads the scripts that were loaded from it, in every runtime. */
export function liveScript(change: ScriptChange & { readonly name: string }, address: string, hot: HotContext | undefined): ScriptAsset {
  const { id, name, file, version } = change
  const url = withoutQuery(address)
  const received: Received = { version, content: decode(change) }
  const follow = followSaves({ id, name, file, url }, received, hot)
  // What was saved after this module was served, and before it listened.
  hot?.send(EVENTS.opened, { id, version })
  return {
    name,
    file,
    url,
    get bytes() {
      return received.content.bytes
    },
    get text() {
      return received.content.text
    },
    get manifest() {
      return received.content.manifest
    },
    get mod() {
      return received.content.mod
    },
    follow,
  } as ScriptAsset
}

/** A script that is loaded by its URL. */
interface LoadedUrl extends Omit<LiveFile, 'url'> {
  /** The version of the module that the URL holds; left out if it is the URL of the file. */
  readonly version?: number
}

/** What makes scripts follow the saves of files, by the connection of a module, then by file and URL: a game may make the same URL often. */
const followedUrls = new WeakMap<HotContext, Map<string, Follow>>()

/** Makes the URL of a script's file reload, on each save, the scripts that were loaded from it. Returns the URL. */
export function liveUrl(url: URL, { id, name, file, version }: LoadedUrl, hot: HotContext | undefined): URL {
  if (hot === undefined) return url
  const follows = followedUrls.get(hot) ?? new Map<string, Follow>()
  followedUrls.set(hot, follows)
  const key = `${id} ${url.href}`
  const known = follows.get(key)
  if (known !== undefined) return Object.assign(url, { follow: known })
  const follow = followSaves({ id, name, file, url: url.href }, { version, content: {} }, hot, version)
  follows.set(key, follow)
  // What was saved after the URL was served, and before this listened.
  if (version !== undefined) hot.send(EVENTS.opened, { id, version })
  return Object.assign(url, { follow })
}

/** Closes the overlay of a page when the script that it names is saved: scripts may run in a worker, which cannot close it. */
export function closeOverlayOnSave(hot: HotContext | undefined): void {
  hot?.on(EVENTS.changed, ({ file }: ScriptChange) => closeOverlay(file))
}

/** Receives the saves of a file. Returns the function that makes a script follow them. `held` is the version that its URL holds, if it holds one. */
function followSaves({ id, name, file, url }: LiveFile, received: Received, hot: HotContext | undefined, held?: number): Follow {
  const followers = new Set<FollowedScript>()
  /** Whether a script could not be loaded. It can only be loaded again by a new start of the page. */
  let hasFailed = false
  /** The faults since the last save. Many entities may have the same. */
  const faults = new Set<string>()
  const isPage = typeof document !== 'undefined'

  function report(error: ScriptError): void {
    const { location, ...mistake } = mistakeOf(id, error)
    // A script that is read from its URL is named by that in its mistakes.
    const place = location && { ...location, file: location.file === url ? file : location.file }
    hot?.send(EVENTS.mistake, { ...mistake, ...(place && { location: place }), isPage } satisfies Mistake)
  }

  function warn(script: string, warnings: readonly string[], inPage: boolean): void {
    if (warnings.length > 0) hot?.send(EVENTS.warnings, { id, script, warnings, inPage, isPage } satisfies Warnings)
  }

  function reportFault(error: ScriptError): void {
    const fault = `${error.code} ${error.detail}`
    if (faults.has(fault) || faults.size === MAX_FAULTS) return
    faults.add(fault)
    report(error)
  }

  function reportFailure(error: ScriptError, loaded: number | undefined): void {
    if (UNREPORTED.includes(error.code)) return
    // A save during the load may have corrected it.
    if (loaded !== received.version) hot?.send(EVENTS.restart, { id })
    else {
      hasFailed = true
      report(error)
    }
  }

  async function change(change: ScriptChange): Promise<void> {
    if (change.id !== id || change.version === received.version) return
    const content = decode(change)
    received.version = change.version
    received.content = content
    faults.clear()
    closeOverlay(file)
    if (hasFailed) hot?.send(EVENTS.restart, { id })
    await Promise.all([...followers].map(reload))
  }

  async function reload(script: FollowedScript): Promise<void> {
    try {
      const { script: loaded, warnings } = await script.reload({ name, file, url, ...received.content }, { preserve: 'auto' })
      warn(loaded, warnings, true)
    } catch (error) {
      // A later save overtook this one and reports its own mistakes, or the script was unloaded.
      if (!UNREPORTED.includes((error as ScriptError).code)) report(error as ScriptError)
    }
  }

  hot?.on(EVENTS.changed, (payload: ScriptChange) => void change(payload))
  hot?.on(EVENTS.removed, (payload: { readonly id: string; readonly file: string }) => {
    if (payload.id === id) console.info(`[bitscript] ${payload.file} was removed; its script continues to run`)
  })
  return (script) => {
    const loaded = held ?? received.version
    followers.add(script)
    script.loaded.then(
      () => warn(script.info.name, script.info.warnings, false),
      (error: ScriptError) => reportFailure(error, loaded),
    )
    if (loaded !== received.version) void reload(script)
    const off = script.onError(reportFault)
    return () => {
      off()
      followers.delete(script)
    }
  }
}

function decode({ bytes, text, manifest, mod }: Pick<ScriptChange, 'bytes' | 'text' | 'manifest' | 'mod'>): Content {
  const own = mod === undefined ? {} : { mod }
  if (manifest !== undefined) return { manifest, ...own }
  const decoded = Uint8Array.from(atob(bytes), (character) => character.charCodeAt(0))
  return { bytes: decoded, ...(text !== undefined && { text }), ...own }
}

/** Returns the URL of the file itself. */
function withoutQuery(url: string): string {
  return url.replace(/\?.*$/, '')
}

/** Closes Vite's overlay if it shows a mistake in this file. Workers and servers have none. */
function closeOverlay(file: string): void {
  if (typeof document === 'undefined') return
  for (const overlay of document.querySelectorAll<HTMLElement & { close?(): void }>('vite-error-overlay')) {
    const text = overlay.shadowRoot?.textContent ?? ''
    if (text.includes('[plugin:bitscript]') && text.includes(file)) overlay.close?.()
  }
}
