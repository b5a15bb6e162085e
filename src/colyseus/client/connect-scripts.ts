import type { Client } from '@colyseus/sdk'
import { ScriptError } from '../../errors.ts'
import type { ComponentsSchema } from '../../index.ts'
import { startGame } from '../game/start-game.ts'
import { type ClientOptions, resolveClientOptions } from './client-options.ts'
import { loadSdk } from './colyseus-sdk.ts'
import { type JoinedRoom, joinRoom, type RoomTarget } from './joined-room.ts'
import { PredictedFields } from './predicted-fields.ts'
import { ScriptConnection } from './script-connection.ts'

/**
 * Joins a room with a game of this client's own, which follows that of the server: it shows what the server sends, and runs the scripts of
 * `predict` ahead of it, so that what a player does is seen at once. Resolves with the connection once the first frame has come.
 *
 * `client` is a client of `@colyseus/sdk`; `room` is the name of a room, of which any that is open will do, or `{ id }`.
 *
 * @throws {ScriptError} InvalidOptions; EngineUnavailable without `@colyseus/sdk`; StateRejected if the room runs another version of the game or
 * sends what cannot be read; LoadFailed if it cannot be joined; the errors of `loadModule`
 * @example
 * const connection = await connectScripts(new Client('ws://localhost:2567'), 'arena', { game, predict: ['player', 'mover'] })
 * connection.send({ x: 1, y: 0 })
 */
export async function connectScripts<const Schema extends ComponentsSchema>(
  client: Client,
  room: RoomTarget,
  options: ClientOptions<Schema>,
): Promise<ScriptConnection<Schema>> {
  const resolved = resolveClientOptions(options as unknown as ClientOptions)
  const sdk = await loadSdk()
  const { identity, onLog } = resolved
  const identify = (entity: number): number => identity.of(entity)
  const game = await startGame(resolved.game, onLog === undefined ? { identify } : { identify, onLog })
  let joined: JoinedRoom | undefined
  try {
    joined = await joinRoom(sdk, client, room, resolved)
    const fields = await PredictedFields.read(resolved)
    await firstFrame(joined)
    return new ScriptConnection<Schema>(sdk, client, game, joined, resolved, fields)
  } catch (error) {
    void joined?.room.leave()
    game.runtime.dispose()
    throw error
  }
}

/** Resolves when a room has sent its first frame. */
function firstFrame({ room, frames }: JoinedRoom): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (frames.error !== undefined) reject(frames.error)
      else if (frames.hasState) resolve()
    }
    frames.onFrame = look
    room.onLeave((code, reason) =>
      reject(new ScriptError('LoadFailed', `the room was closed before its first frame came: ${reason ?? code}`)),
    )
    look()
  })
}
