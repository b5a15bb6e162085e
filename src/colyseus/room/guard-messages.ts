import type { Client, Room } from '@colyseus/core'
import { CloseCode, debugAndPrintError, Protocol } from './colyseus-core.ts'

/** How a room of Colyseus takes the bytes of a client. It is private, and the only place before they are decoded. */
interface MessageReceiver {
  _onMessage(client: Client, bytes: Uint8Array): void
}

/** The bits of the first byte that say what a message is. */
const CODE_BITS = 0x1f

/**
 * Closes the connection of a client that sends what would stop the process: unreliable inputs, which a forger can make Colyseus decode for ever, or anything
 * that makes the room throw. Call it before clients join.
 */
export function guardMessages(room: Room): void {
  const receiver = room as unknown as MessageReceiver
  const receive = receiver._onMessage
  receiver._onMessage = (client, bytes) => {
    if (((bytes[0] ?? 0) & CODE_BITS) === Protocol.ROOM_INPUT_UNRELIABLE) {
      client.leave(CloseCode.WITH_ERROR, "send inputs with { mode: 'reliable' }")
      return
    }
    try {
      receive.call(room, client, bytes)
    } catch (error) {
      debugAndPrintError(error as Error)
      client.leave(CloseCode.WITH_ERROR)
    }
  }
}
