import type { FollowedScript, ScriptAsset, ScriptError } from '../index.ts'
import { EVENTS, mistakeOf, type ScriptChange } from './hot-events.ts'

// Runs in the page, in development: a script's import is made of it. It must import nothing at run time but its neighbour.

/** `import.meta.hot`, as far as it is needed. */
interface HotContext {
  on(event: string, listener: (payload: never) => void): void
  send(event: string, payload: unknown): void
}

/** Codes of reloads that ended, but for no mistake in the script. */
const QUIET: readonly string[] = ['LoadFailed', 'ScriptNotFound', 'Disposed']

/** A script's import that takes up each save, in every runtime that it was loaded into. */
export function liveScript(
  { id, name, file, ...first }: ScriptChange & { readonly name: string; readonly file: string },
  url: string,
  hot: HotContext | undefined,
): ScriptAsset {
  let current = decode(first)
  const followers = new Set<FollowedScript>()
  /** Followers that run what was saved last, on probation or past it. */
  const reloaded = new Map<FollowedScript, number>()
  const report = (error: ScriptError): void => hot?.send(EVENTS.mistake, mistakeOf(id, error))

  async function change(change: ScriptChange): Promise<void> {
    if (change.id !== id) return
    current = decode(change)
    closeOverlay(file)
    await Promise.all(
      [...followers].map(async (script) => {
        try {
          const { generation } = await script.reload({ name, file, url: place(url), ...current }, { preserve: 'auto' })
          reloaded.set(script, generation)
        } catch (error) {
          // A later save has overtaken this one and is told of by itself, or the script is gone.
          if (!QUIET.includes((error as ScriptError).code)) report(error as ScriptError)
        }
      }),
    )
  }

  hot?.on(EVENTS.changed, (payload: ScriptChange) => void change(payload))
  hot?.on(EVENTS.removed, (payload: { readonly id: string }) => {
    if (payload.id === id) console.info(`[bitscript] ${file} is gone; its script runs on`)
  })
  return {
    name,
    file,
    url: place(url),
    get bytes() {
      return current.bytes
    },
    get text() {
      return current.text
    },
    follow(script) {
      followers.add(script)
      const off = script.onError((error) => {
        const generation = reloaded.get(script)
        // What was saved last was on probation, and is taken back.
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

/** The file's own URL. */
function place(url: string): string {
  return url.replace(/\?.*$/, '')
}

/** Closes Vite's overlay, if what it shows is a mistake of this file. */
function closeOverlay(file: string): void {
  for (const overlay of document.querySelectorAll<HTMLElement & { close?(): void }>('vite-error-overlay')) {
    const text = overlay.shadowRoot?.textContent ?? ''
    if (text.includes('[plugin:bitscript]') && text.includes(file)) overlay.close?.()
  }
}
