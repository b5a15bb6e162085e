import type { ScriptConnection } from 'bitscript/colyseus/client'
import type { COMPONENTS } from './game.ts'

/** The connection of a page to the arena. */
export type Connection = ScriptConnection<typeof COMPONENTS>

declare global {
  /** The connection of this page, for the console of the browser. */
  var connection: Connection | undefined
}
