/** The event by which a development server and a page pass on what a debugger says. `src/vite/debug-relay.ts` has the same name. */
export const DEBUG_EVENT = 'bitscript:debug'

/** A message between a debugger and a page. */
export interface DebugMessage {
  /** Which debugger it is from, or for. */
  readonly id: string
  /** A debugger sends `open`, `request` and `close`; a page sends the others, and `close` if its game has ended. */
  readonly kind: 'open' | 'request' | 'close' | 'opened' | 'refused' | 'response' | 'event'
  /** The name of a request or an event, the title of a game, or why it was refused. */
  readonly name?: string
  /** The arguments of a request, or the body of a response or an event. */
  readonly body?: unknown
  /** The number of a request, which its response has, too. */
  readonly seq?: number | undefined
  /** Why a request failed. */
  readonly error?: string
  /** The folder of the project, from which the names of files are. */
  readonly root?: string
}
