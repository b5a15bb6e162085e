import type { FollowedScript, ScriptAsset, ScriptError } from '../index.ts'
import { EVENTS, mistakeOf, type ScriptChange, type Warnings } from './hot-events.ts'

// Runs where the runtime is, in development: the modules of `*?script` imports call it. At run time it must import only `hot-events.ts`.

/** The part of `import.meta.hot` that is used. */
interface HotContext {
  on(event: string, listener: (payload: never) => void): void
  send(event: string, payload: unknown): void
}

/** Codes of loads and reloads that failed, but not because of a mistake in the script. */
const UNREPORTED: readonly string[] = ['LoadFailed', 'ScriptNotFound', 'Disposed']

/** Distinct faults that are reported until the next save. */
const MAX_FAULTS = 20

/** Returns the asset of a script's import. On each save it reloads the scripts that were loaded from it, in every runtime. */
export function liveScript(
  { id, name, file, ...first }: ScriptChange & { readonly name: string; readonly file: string },
  url: string,
  hot: HotContext | undefined,
): ScriptAsset {
  let { version } = first
  let current = decode(first)
  const followers = new Set<FollowedScript>()
  /** Whether a script could not be loaded. It can only be loaded again by a new start of the page. */
  let hasFailed = false
  /** The faults since the last save. Many entities may have the same. */
  const faults = new Set<string>()
  const report = (error: ScriptError): void => hot?.send(EVENTS.mistake, mistakeOf(id, error))

  function warn(script: string, warnings: readonly string[], inPage: boolean): void {
    if (warnings.length > 0) hot?.send(EVENTS.warnings, { id, script, warnings, inPage } satisfies Warnings)
  }

  function reportFault(error: ScriptError): void {
    const fault = `${error.code} ${error.detail}`
    if (faults.has(fault) || faults.size === MAX_FAULTS) return
    faults.add(fault)
    report(error)
  }

  function reportFailure(error: ScriptError, loaded: number): void {
    if (UNREPORTED.includes(error.code)) return
    // A save during the load may have corrected it.
    if (loaded !== version) hot?.send(EVENTS.restart, { id })
    else {
      hasFailed = true
      report(error)
    }
  }

  async function change(change: ScriptChange): Promise<void> {
    if (change.id !== id || change.version === version) return
    version = change.version
    current = decode(change)
    faults.clear()
    closeOverlay(file)
    if (hasFailed) hot?.send(EVENTS.restart, { id })
    await Promise.all(
      [...followers].map(async (script) => {
        try {
          const report = await script.reload({ name, file, url: withoutQuery(url), ...current }, { preserve: 'auto' })
          warn(report.script, report.warnings, true)
        } catch (error) {
          // A later save overtook this one and reports its own mistakes, or the script was unloaded.
          if (!UNREPORTED.includes((error as ScriptError).code)) report(error as ScriptError)
        }
      }),
    )
  }

  hot?.on(EVENTS.changed, (payload: ScriptChange) => void change(payload))
  hot?.on(EVENTS.removed, (payload: { readonly id: string }) => {
    if (payload.id === id) console.info(`[bitscript] ${file} was removed; its script continues to run`)
  })
  // What was saved after this module was served, and before it listened.
  hot?.send(EVENTS.opened, { id, version })
  return {
    name,
    file,
    url: withoutQuery(url),
    get bytes() {
      return current.bytes
    },
    get text() {
      return current.text
    },
    follow(script) {
      const loaded = version
      followers.add(script)
      script.loaded.then(
        () => warn(script.info.name, script.info.warnings, false),
        (error: ScriptError) => reportFailure(error, loaded),
      )
      const off = script.onError(reportFault)
      return () => {
        off()
        followers.delete(script)
      }
    },
  } as ScriptAsset
}

function decode({ bytes, text }: Pick<ScriptChange, 'bytes' | 'text'>): Pick<ScriptAsset, 'bytes' | 'text'> {
  const decoded = Uint8Array.from(atob(bytes), (character) => character.charCodeAt(0))
  return { bytes: decoded, ...(text !== undefined && { text }) }
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
