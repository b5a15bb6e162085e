import type { Client, InputHandle, Predict, Room } from '@colyseus/sdk'
import { ScriptError } from '../../errors.ts'
import { type Hello, SERIALIZER_ID, VERSION_REFUSED } from '../sync/hello.ts'
import { inputFields } from '../sync/input-fields.ts'
import { type JoinRequest, TICK_FIELD } from '../sync/room-messages.ts'
import type { ResolvedClientOptions } from './client-options.ts'
import type { Sdk } from './colyseus-sdk.ts'
import type { Input } from './prediction.ts'
import { RoomFrames } from './room-frames.ts'

/** The name of a room, of which any that is open will do; or the id of one. */
export type RoomTarget = string | { readonly id: string }

/** A room of the SDK that this client is in, with what reads its frames. */
export interface JoinedRoom {
  readonly room: Room
  readonly frames: RoomFrames
  readonly hello: Hello
  /** Where inputs go; `undefined` if the room takes none. */
  readonly inputs: InputHandle<Record<string, number>> | undefined
  /** The SDK's loop of fixed steps. */
  readonly predict: Predict
}

/**
 * Joins a room. Rejects with `StateRejected` if it runs another version of the game, and with `LoadFailed` if it cannot be joined.
 */
export async function joinRoom(sdk: Sdk, client: Client, target: RoomTarget, options: ResolvedClientOptions): Promise<JoinedRoom> {
  sdk.registerSerializer(SERIALIZER_ID, RoomFrames)
  const { game, ticket, join } = options
  const asked: JoinRequest = { ...join, version: game.version, ticket }
  const joining: Promise<Room> = typeof target === 'string' ? client.joinOrCreate(target, asked) : client.joinById(target.id, asked)
  const room = await joining.catch((cause) => refuse(cause))
  // It would come back without its frames being whole: the client joins again by its ticket instead.
  room.reconnection.enabled = false
  const frames = room.serializer as unknown as RoomFrames
  if (!(frames instanceof RoomFrames)) {
    void room.leave()
    throw new ScriptError('LoadFailed', `the room '${room.name}' is no ScriptRoom`)
  }
  const hello = frames.accept(game)
  if (hello instanceof ScriptError) {
    void room.leave()
    throw hello
  }
  return { room, frames, hello, inputs: inputsOf(room), predict: sdk.Predict.get<Room>(room, { mode: 'raw', name: 'bitscript' }) }
}

/** Sends the input of a tick. Returns whether the connection was open. */
export function sendInput({ inputs }: JoinedRoom, tick: number, input: Input): boolean {
  if (inputs === undefined) return false
  Object.assign(inputs.data, input, { [TICK_FIELD]: tick })
  return inputs.send() > 0
}

/** Returns an input as it was sent, rounded as its type is: the server gets the same. */
export function inputSent(sent: Readonly<Record<string, number>>): Input {
  return Object.fromEntries(inputFields(sent).map((name) => [name, sent[name] ?? 0]))
}

function inputsOf(room: Room): JoinedRoom['inputs'] {
  try {
    return room.input<Record<string, number>>({ mode: 'reliable' })
  } catch {
    return undefined
  }
}

function refuse(cause: unknown): never {
  const { code, message } = cause as { readonly code?: number; readonly message?: string }
  if (code === VERSION_REFUSED) throw new ScriptError('StateRejected', `${message}`, { cause })
  throw new ScriptError('LoadFailed', `the room cannot be joined: ${message ?? String(cause)}`, { cause })
}
