import type { WasmScriptRuntime } from '../../runtime/runtime.ts'
import { Past } from '../past/past.ts'
import { DebugSession } from './debug-session.ts'
import { DEBUG_EVENT, type DebugMessage } from './page-messages.ts'

/** The part of Vite's `import.meta.hot` that is used. */
export interface DebugChannel {
  /** Calls `listener` with each message of a name. */
  on(event: string, listener: (payload: unknown) => void): void
  /** Stops that. */
  off(event: string, listener: (payload: unknown) => void): void
  /** Sends a message to the server. */
  send(event: string, payload: unknown): void
}

/** Options of `allowDebugger`. */
export interface AllowDebuggerOptions {
  /** What an editor calls the game. @default the title of the page */
  readonly title?: string
  /** The past that is debugged, if the game keeps one. @default one of the last 5 minutes, kept while a debugger is attached */
  readonly past?: Past
}

const KEPT_SECONDS = 300

/**
 * Lets `bitscript dap` attach to a game in a page, through Vite's development server with the plugin `bitscript()`. The game runs on, also while the
 * debugger stands in its past. Does nothing in a build, where `import.meta.hot` is `undefined`. Returns a function that takes the permission back, and detaches the debugger: call it when another game starts.
 *
 * @example
 * if (import.meta.hot) {
 *   const { allowDebugger } = await import('bitscript/debug')
 *   allowDebugger(runtime, import.meta.hot)
 * }
 */
export function allowDebugger(runtime: WasmScriptRuntime, hot: DebugChannel | undefined, options: AllowDebuggerOptions = {}): () => void {
  if (hot === undefined) return () => undefined
  const { title = typeof document === 'undefined' ? 'game' : document.title || 'page' } = options
  let open: { readonly id: string; readonly session: DebugSession; readonly close: () => void } | undefined
  const close = (): void => {
    open?.close()
    open = undefined
  }
  const listener = (payload: unknown): void => {
    const message = payload as DebugMessage
    const { id } = message
    const send = (sent: Omit<DebugMessage, 'id'>): void => hot.send(DEBUG_EVENT, { ...sent, id })
    if (message.kind === 'open') {
      try {
        close()
        const past = options.past ?? new Past(runtime, { seconds: KEPT_SECONDS })
        const session = new DebugSession(past, {
          ...{ title, root: message.root, isLive: true },
          send: (event, body) => send({ kind: 'event', name: event, body }),
        })
        open = {
          ...{ id, session },
          close: () => {
            session.close()
            if (options.past === undefined) past.dispose()
          },
        }
        // Without a tick there is no code to find breakpoints in.
        void waitForTick(past).then(() => send({ kind: 'opened', name: title }))
      } catch (error) {
        send({ kind: 'refused', name: error instanceof Error ? error.message : String(error) })
      }
    }
    if (open?.id !== id) return
    if (message.kind === 'close') close()
    if (message.kind !== 'request') return
    const { name = '', body, seq } = message
    open.session.handle(name, body).then(
      (result) => send({ kind: 'response', seq, body: result }),
      (error: unknown) => send({ kind: 'response', seq, error: error instanceof Error ? error.message : String(error) }),
    )
  }
  hot.on(DEBUG_EVENT, listener)
  return () => {
    if (open !== undefined) hot.send(DEBUG_EVENT, { id: open.id, kind: 'close' })
    close()
    hot.off(DEBUG_EVENT, listener)
  }
}

const WAIT_TICKS = 100
const WAIT_EVERY = 20

/** Resolves when a tick has been kept, or after two seconds: a game may be paused. */
async function waitForTick(past: Past): Promise<void> {
  for (let left = WAIT_TICKS; left > 0 && past.first > past.last; left--) await new Promise((resolve) => setTimeout(resolve, WAIT_EVERY))
}
