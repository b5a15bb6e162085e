import { EventEmitter } from 'node:events'
import { connectClientToRoom, type Room as ServerRoom } from '@colyseus/core'
import { type Client, Room } from '@colyseus/sdk'
import { Connection } from '@colyseus/sdk/Connection'
import { WebSocketClient } from '@colyseus/ws-transport'
import type { SimulatedNetwork } from '../../fixtures/network.ts'
import type { RoomInMemory } from '../room/room-in-memory.ts'

const CONSENTED = 4000

/** What of the SDK's client `connectScripts` uses: rooms of this process, joined over a simulated network. */
export class MemoryClient {
  readonly #find: (target: string) => RoomInMemory<ServerRoom>
  readonly #network: SimulatedNetwork
  /** The sockets of the server. */
  readonly sockets: { readonly send: (data: Uint8Array) => void; readonly drop: (code: number) => void }[] = []
  /** Rewrites what the server sends. */
  forge: (data: Uint8Array) => Uint8Array = (data) => data
  static #sessions = 0

  constructor(network: SimulatedNetwork, find: (target: string) => RoomInMemory<ServerRoom>) {
    this.#network = network
    this.#find = find
  }

  /** It as the SDK's client. */
  get client(): Client {
    return this as never
  }

  joinOrCreate(name: string, options: object): Promise<Room> {
    return this.#join(name, options)
  }

  joinById(id: string, options: object): Promise<Room> {
    return this.#join(id, options)
  }

  async #join(target: string, options: object): Promise<Room> {
    const { room: server } = this.#find(target)
    const sessionId = `memory-${MemoryClient.#sessions++}`
    const reserved = await (server as unknown as { _reserveSeat(id: string, options: object): Promise<boolean> })._reserveSeat(
      sessionId,
      options,
    )
    if (!reserved) throw new Error('the room is full')
    const room = new Room(server.roomName)
    room.roomId = server.roomId
    room.sessionId = sessionId
    openWithoutSocket(room)

    const network = this.#network
    const { events } = room.connection
    let isOpen = true
    const socket = new EventEmitter()
    const down = network.pipe((data: Uint8Array) => isOpen && events.onmessage?.({ data: this.forge(data) } as never))
    const up = network.pipe((data: Uint8Array) => socket.emit('message', Buffer.from(data)))
    const closed = network.pipe((code: number) => {
      if (!isOpen) return
      isOpen = false
      events.onclose?.({ code, reason: '' } as never)
    })
    const end = (code: number): void => {
      if (sent.readyState !== 1) return
      sent.readyState = 3
      socket.emit('close', code)
      closed(code)
    }
    const send = (data: Uint8Array): void => down(Uint8Array.from(data))
    const sent = Object.assign(socket, { readyState: 1, send, close: (code: number = CONSENTED) => end(code) })
    this.sockets.push({ send, drop: end })
    room.connection.transport = {
      get isOpen() {
        return isOpen
      },
      send: (data: Uint8Array) => up(Uint8Array.from(data)),
      sendUnreliable: (data: Uint8Array) => up(Uint8Array.from(data)),
      connect: () => undefined,
      close: () => end(CONSENTED),
    } as never
    const { onJoin } = room as unknown as { readonly onJoin: { once(listener: () => void): void } }
    const joined = new Promise<Room>((resolve, reject) => {
      room.onError.once((code, message) => reject(Object.assign(new Error(message), { code })))
      onJoin.once(() => resolve(room))
    })
    joined.catch(() => undefined)
    await connectClientToRoom(server as never, new WebSocketClient(sessionId, socket as never) as never, {} as never, {})
    return joined
  }
}

/** Connects a room of the SDK as it does, but for the socket. */
function openWithoutSocket(room: Room): void {
  const { connect } = Connection.prototype
  Connection.prototype.connect = () => undefined
  try {
    room.connect('ws://memory', {})
  } finally {
    Connection.prototype.connect = connect
  }
}
