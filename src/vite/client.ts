import type { FollowedScript, ScriptAsset, ScriptError } from '../index.ts'
import { EVENTS, mistakeOf, type ScriptChange, type Warnings } from './hot-events.ts'

// Runs in the page in development: the modules of `*?script` imports call it. At run time it must import only `hot-events.ts`.

/** The part of `import.meta.hot` that is used. */
interface HotContext {
  on(event: string, listener: (payload: never) => void): void
  send(event: string, payload: unknown): void
}

/** Codes of reloads that failed, but not because of a mistake in the script. */
const UNREPORTED: readonly string[] = ['LoadFailed', 'ScriptNotFound', 'Disposed']

/** Returns the asset of a script's import. On each save it reloads the scripts that were loaded from it, in every runtime. */
export function liveScript(
  { id, name, file, ...first }: ScriptChange & { readonly name: string; readonly file: string },
  url: string,
  hot: HotContext | undefined,
): ScriptAsset {
  let current = decode(first)
  const followers = new Set<FollowedScript>()
  /** The generation of each follower that runs the last save. */
  const reloaded = new Map<FollowedScript, number>()
  const report = (error: ScriptError): void => hot?.send(EVENTS.mistake, mistakeOf(id, error))

  const warn = (script: string, warnings: readonly string[], inPage: boolean): void => {
    if (warnings.length > 0) hot?.send(EVENTS.warnings, { id, script, warnings, inPage } satisfies Warnings)
  }

  async function change(change: ScriptChange): Promise<void> {
    if (change.id !== id) return
    current = decode(change)
    closeOverlay(file)
    await Promise.all(
      [...followers].map(async (script) => {
        try {
          const report = await script.reload({ name, file, url: withoutQuery(url), ...current }, { preserve: 'auto' })
          reloaded.set(script, report.generation)
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
      followers.add(script)
      warn(script.info.name, script.info.warnings, false)
      const off = script.onError((error) => {
        const generation = reloaded.get(script)
        // The last save failed its probation and was rolled back.
        if (generation !== undefined && script.info.generation < generation) {
          reloaded.delete(script)
          report(error)
        }
      })
      return () => {
        off()
        followers.delete(script)
        reloaded.delete(script)
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

/** Closes Vite's overlay if it shows a mistake in this file. */
function closeOverlay(file: string): void {
  for (const overlay of document.querySelectorAll<HTMLElement & { close?(): void }>('vite-error-overlay')) {
    const text = overlay.shadowRoot?.textContent ?? ''
    if (text.includes('[plugin:bitscript]') && text.includes(file)) overlay.close?.()
  }
}
