import type { Room } from '@colyseus/core'
import { matchMaker } from './colyseus-core.ts'

/** The entry of a room in the list of rooms. */
interface ListedRoom {
  readonly _listing: { roomId: string | undefined }
}

/** Takes a room off the list of rooms, unless another process lists it: Colyseus would remove that entry as it disposes of the room. */
export async function unlistRoom(room: Room): Promise<void> {
  const { _listing: listing } = room as unknown as ListedRoom
  if (listing.roomId === undefined) return
  const { driver, processId } = matchMaker
  const listed = await driver.findOne({ roomId: room.roomId })
  if (listed?.processId === processId) await driver.remove(room.roomId)
  listing.roomId = undefined
}
