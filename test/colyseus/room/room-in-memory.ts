import { EventEmitter } from 'node:events'
import { connectClientToRoom, getMessageBytes, matchMaker, Protocol, ProtocolModifier, type Room } from '@colyseus/core'
import { decode } from '@colyseus/schema'
import { InputEncoder } from '@colyseus/schema/input'
import { WebSocketClient } from '@colyseus/ws-transport'
import { vi } from 'vitest'
import { ColumnsDecoder } from '../../../src/colyseus/sync/columns-decoder.ts'
import { type Hello, readHello } from '../../../src/colyseus/sync/hello.ts'
import type { ColumnsFrame } from '../../../src/colyseus/sync/sync.ts'

/** How Colyseus keeps a place for a client that is about to connect. */
interface SeatReserver {
  _reserveSeat(sessionId: string, options: object): Promise<boolean>
}

/** A room of Colyseus in this process, without a network, in a time that only {@link RoomInMemory.run} moves on. */
export class RoomInMemory<Kind extends Room> {
  readonly room: Kind
  #sessions = 0

  constructor(room: Kind) {
    this.room = room
  }

  /** Creates a room by Colyseus' match maker. */
  static async create<Kind extends Room>(kind: new () => Kind, options: object = {}, roomId?: string): Promise<RoomInMemory<Kind>> {
    // To fake them again would forget those that run.
    if (!vi.isFakeTimers())
      vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout', 'performance', 'Date'] })
    matchMaker.defineRoomType(kind.name, kind as never)
    const { roomId: id } = await matchMaker.handleCreateRoom(kind.name, options, undefined, roomId)
    return new RoomInMemory(matchMaker.getLocalRoomById(id) as unknown as Kind)
  }

  /** Joins. A client that does not acknowledge it stays outside. */
  async join(options: object, acknowledges = true): Promise<ClientInMemory> {
    const sessionId = `session-${this.#sessions++}`
    await (this.room as unknown as SeatReserver)._reserveSeat(sessionId, options)
    const client = new ClientInMemory(sessionId)
    await connectClientToRoom(this.room as never, client.server as never, {} as never, {})
    if (acknowledges) client.emit([Protocol.JOIN_ROOM])
    return client
  }

  /** Lets time pass. */
  async run(milliseconds: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(milliseconds)
  }
}

/** Sets up the match maker of this process. */
export async function openMatchMaker(): Promise<void> {
  await matchMaker.setup()
}

/** Ends all rooms. */
export async function closeRooms(): Promise<void> {
  let isClosed = false
  const closing = Promise.allSettled(matchMaker.disconnectAll()).then(() => {
    isClosed = true
  })
  // A room in which a seat was held until now waits for a second. One that a test left half open waits for as long as its timers say.
  for (let seconds = 0; vi.isFakeTimers() && !isClosed && seconds < 60; seconds++) await vi.advanceTimersByTimeAsync(1000)
  vi.useRealTimers()
  if (!isClosed) await Promise.race([closing, new Promise((resolve) => setTimeout(resolve, 2000).unref())])
}

/** A client, and what it got. */
export class ClientInMemory {
  readonly server: WebSocketClient
  readonly frames: ColumnsFrame[] = []
  /** The frames as bytes, without what Colyseus puts before them. */
  readonly bodies: Uint8Array[] = []
  readonly sizes: number[] = []
  readonly messages: unknown[] = []
  hello: Hello | undefined
  decoder: ColumnsDecoder | undefined
  /** The number of the last input that the room used. */
  acknowledged = 0
  closeCode: number | undefined
  readonly #socket = new EventEmitter()
  #encoder: InputEncoder | undefined

  constructor(sessionId: string) {
    Object.assign(this.#socket, {
      readyState: 1,
      send: (data: Uint8Array) => this.#receive(data),
      close: (code: number) => this.#close(code),
    })
    this.server = new WebSocketClient(sessionId, this.#socket as never)
  }

  /** Sends bytes to the room. */
  emit(bytes: ArrayLike<number>): void {
    this.#socket.emit('message', Buffer.from(Uint8Array.from(bytes)))
  }

  /** Sends an input. */
  input(kind: new () => object, values: object): void {
    this.#encoder ??= new InputEncoder(new kind() as never)
    Object.assign(this.#encoder.instance, values)
    this.emit([Protocol.ROOM_INPUT_RELIABLE, ...this.#encoder.encode()])
  }

  /** Sends a message. */
  say(type: string, message: unknown): void {
    this.emit(getMessageBytes.raw(Protocol.ROOM_DATA, type, message))
  }

  /** Says how many bytes wait in the socket. */
  set unsent(bytes: number) {
    Object.assign(this.#socket, { bufferedAmount: bytes })
  }

  /** Loses the connection. */
  drop(): void {
    this.#close(1006)
  }

  leave(): void {
    this.emit([Protocol.LEAVE_ROOM])
  }

  #close(code: number): void {
    this.closeCode ??= code
    this.#socket.emit('close', code)
  }

  #receive(data: Uint8Array): void {
    const [first = 0] = data
    const code = first & 0x1f
    const it = { offset: 1 }
    if (code === Protocol.JOIN_ROOM) {
      for (let texts = 0; texts < 2; texts++) it.offset += (data[it.offset] as number) + 1
      const length = decode.number(data as never, it)
      this.hello = readHello(data.slice(it.offset, it.offset + length))
      if (this.hello.sync.kind === 'columns') this.decoder = new ColumnsDecoder(this.hello.sync)
    } else if (code === Protocol.ROOM_STATE || code === Protocol.ROOM_STATE_PATCH) {
      const isTimed = (first & ProtocolModifier.TIMED) !== 0
      if (isTimed) this.acknowledged = Buffer.from(data).readUInt32LE(5)
      this.sizes.push(data.length)
      const body = data.slice(isTimed ? 9 : 1)
      this.bodies.push(body)
      if (this.decoder !== undefined) this.frames.push(this.decoder.read(body))
    } else this.messages.push(code)
  }
}
