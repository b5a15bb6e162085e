import type { RoomToRevive } from '../keep/take-over.ts'
import { matchMaker } from '../room/colyseus-core.ts'

/** Whether this process makes rooms: it listens, and is not shutting down. */
export function isOpen(): boolean {
  return matchMaker.state === matchMaker.MatchMakerState.READY
}

/** Makes a room that another process had. */
export async function revive({ roomId, name, options }: RoomToRevive): Promise<void> {
  // What the process before it listed: the room is discarded where its id is in use.
  await matchMaker.driver.remove(roomId)
  await matchMaker.handleCreateRoom(name, (options ?? {}) as Record<string, unknown>, undefined, roomId)
}
