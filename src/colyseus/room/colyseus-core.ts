import type * as Colyseus from '@colyseus/core'
import { ScriptError } from '../../errors.ts'

/** The package that serves rooms. It is optional: without it, this module says how to install it. */
const core: typeof Colyseus = await import('@colyseus/core').catch((cause: { readonly code?: string }) => {
  if (cause.code !== 'ERR_MODULE_NOT_FOUND') throw cause
  const install = 'npm install @colyseus/core@0.18 @colyseus/schema@5 @colyseus/ws-transport@0.18'
  throw new ScriptError('EngineUnavailable', `rooms need the packages @colyseus/core and @colyseus/schema: ${install}`, { cause })
})

export const Room: typeof Colyseus.Room = core.Room
export const ServerError: typeof Colyseus.ServerError = core.ServerError
export const CloseCode: typeof Colyseus.CloseCode = core.CloseCode
export const ClientState: typeof Colyseus.ClientState = core.ClientState
export const Protocol: typeof Colyseus.Protocol = core.Protocol
export const ProtocolModifier: typeof Colyseus.ProtocolModifier = core.ProtocolModifier
export const matchMaker: typeof Colyseus.matchMaker = core.matchMaker
export const debugAndPrintError: typeof Colyseus.debugAndPrintError = core.debugAndPrintError
