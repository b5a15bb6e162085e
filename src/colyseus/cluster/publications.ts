import { sameBytes } from '../../bytes.ts'
import { prepare, ScriptError } from '../../index.ts'
import { hashOf } from '../game/hash-of.ts'
import { readCode } from '../game/read-code.ts'
import { type ClusterRoom, liveRooms, type RoomWatcher } from '../room/live-rooms.ts'
import type { Channel } from './channel.ts'
import type { ClusterMessage } from './cluster-message.ts'
import { type OtherCode, type PublishedScript, RoomReload } from './room-reload.ts'

/** Milliseconds between two looks at whether publications are still under way. */
const LOOK_MS = 250

/** Publications that ended, of which late messages are ignored. */
const MAX_ENDED = 1000

/** A publication under way, in this process. */
interface Publication extends PublishedScript {
  readonly id: string
  /** The process that published. */
  readonly publisher: string
  readonly reloads: Map<ClusterRoom, RoomReload>
}

/** Does in the rooms of this process what is published in the cluster. */
export class Publications implements RoomWatcher {
  readonly #channel: Channel
  readonly #rooms: () => readonly ClusterRoom[]
  readonly #open = new Map<string, Publication>()
  /** Those that ended: an accepted code may still be on its way to this process. */
  readonly #ended = new Set<string>()
  readonly #removeListener: () => void
  #timer: NodeJS.Timeout | undefined

  constructor(channel: Channel, rooms: () => readonly ClusterRoom[] = liveRooms) {
    this.#channel = channel
    this.#rooms = rooms
    this.#removeListener = channel.listen((message) => this.#receive(message))
  }

  /** Brings a room up to date that begins later than others, or goes on in this process. */
  async enter(room: ClusterRoom): Promise<void> {
    for (const { name, bytes } of room.game.scripts) {
      const id = room.runtime.find(name)?.id
      if (id === undefined || [...this.#open.values()].some(({ script }) => script === name)) continue
      const code = (await this.#accepted(name, bytes)) ?? bytes
      if (!sameBytes(readCode(room.runtime, id), code)) await room.runtime.reloadModule(id, code)
    }
    for (const publication of this.#open.values()) await this.#join(publication, [room])
  }

  leave(room: ClusterRoom): void {
    for (const { id, reloads } of this.#open.values()) {
      const reload = reloads.get(room)
      if (reload === undefined) continue
      reload.leave()
      this.#send({ kind: 'result', id, process: this.#channel.process, rooms: [resultOf(reload)] })
    }
  }

  close(): void {
    this.#removeListener()
    clearInterval(this.#timer)
    for (const { reloads } of this.#open.values()) for (const reload of reloads.values()) reload.leave()
    this.#open.clear()
  }

  #receive(message: ClusterMessage): void {
    const publication = this.#open.get(message.id)
    if (message.kind === 'begin') {
      if (publication === undefined && !this.#ended.has(message.id))
        this.#begin(message).catch((error) => this.#veto(message.id, undefined, error))
    } else if (message.kind === 'veto') this.#takeBack(message.id)
    else if (message.kind === 'accept') this.#accept(message.id)
  }

  async #begin({ id, script, sha256, inTicks, process }: ClusterMessage & { kind: 'begin' }): Promise<void> {
    const bytes = await this.#code(sha256)
    const prepared = await prepare(bytes, { name: script })
    // It may have been taken back meanwhile.
    if (this.#ended.has(id)) return
    const publication: Publication = { id, script, sha256, bytes, prepared, inTicks, publisher: process, reloads: new Map() }
    this.#open.set(id, publication)
    this.#timer ??= setInterval(() => this.#look().catch(() => undefined), LOOK_MS).unref()
    await this.#join(publication, this.#rooms())
  }

  /** Reloads the script in rooms that have it. */
  async #join(publication: Publication, rooms: readonly ClusterRoom[]): Promise<void> {
    const { id, script, reloads } = publication
    const codes = new Map<ClusterRoom, OtherCode>()
    for (const room of rooms) {
      const own = room.game.scripts.find(({ name }) => name === script)
      if (own === undefined || room.runtime.find(script) === undefined) continue
      codes.set(room, { old: (await this.#accepted(script, own.bytes)) ?? own.bytes, over: hashOf(own.bytes) })
    }
    const joined: RoomReload[] = []
    for (const [room, code] of codes) {
      if (reloads.has(room)) continue
      const reload: RoomReload = new RoomReload(room, publication, code, {
        passed: () => this.#send({ kind: 'result', id, process: this.#channel.process, rooms: [resultOf(reload)] }),
        failed: (error) => this.#veto(id, room.roomId, error),
      })
      reloads.set(room, reload)
      joined.push(reload)
    }
    const named = joined.map(({ room: { roomId }, tick, over }) => ({ roomId, tick, over }))
    this.#send({ kind: 'joined', id, process: this.#channel.process, rooms: named })
    if (this.#open.get(id) === publication) for (const reload of joined) reload.start()
  }

  #takeBack(id: string): void {
    const publication = this.#close(id)
    if (publication === undefined) return
    const reloads = [...publication.reloads.values()]
    Promise.allSettled(reloads.map((reload) => reload.takeBack())).then(() =>
      this.#send({ kind: 'result', id, process: this.#channel.process, rooms: reloads.map(resultOf) }),
    )
  }

  #accept(id: string): void {
    for (const reload of this.#close(id)?.reloads.values() ?? []) reload.accept()
  }

  #close(id: string): Publication | undefined {
    this.#ended.add(id)
    const [oldest] = this.#ended
    if (oldest !== undefined && this.#ended.size > MAX_ENDED) this.#ended.delete(oldest)
    const publication = this.#open.get(id)
    this.#open.delete(id)
    if (this.#open.size === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
    }
    return publication
  }

  /** Ends publications of which this process did not hear how they ended: the process that published has ended, or Redis was away. */
  async #look(): Promise<void> {
    for (const { id, publisher, script, sha256, reloads } of [...this.#open.values()]) {
      if (await this.#channel.isUnderWay(id, publisher)) continue
      const [reload] = reloads.values()
      const accepted = reload && (await this.#channel.accepted(script, reload.over))
      if (accepted === sha256) this.#accept(id)
      else {
        // Others may not have heard of it either.
        this.#veto(id, undefined, new ScriptError('LoadFailed', 'the publication ended before it was decided: publish it again'))
        this.#takeBack(id)
      }
    }
  }

  #veto(id: string, roomId: string | undefined, error: unknown): void {
    const { code, detail } = error instanceof ScriptError ? error : new ScriptError('LoadFailed', String(error))
    this.#send({ kind: 'veto', id, process: this.#channel.process, roomId, code, message: detail })
  }

  /** Resolves with the code that replaces that of a game; `undefined` if none was accepted. */
  async #accepted(script: string, bytes: Uint8Array): Promise<Uint8Array | undefined> {
    const sha256 = await this.#channel.accepted(script, hashOf(bytes))
    return sha256 === undefined ? undefined : this.#code(sha256)
  }

  /** Resolves with a code that is in the cluster, which anyone may have put there. */
  async #code(sha256: string): Promise<Uint8Array> {
    const bytes = await this.#channel.code(sha256)
    if (bytes === undefined || hashOf(bytes) !== sha256)
      throw new ScriptError('HashMismatch', `the cluster has no code with the hash ${sha256}`)
    return bytes
  }

  #send(message: ClusterMessage): void {
    this.#channel.send(message).catch(() => undefined)
  }
}

function resultOf({ room: { roomId }, tick, state }: RoomReload): {
  roomId: string
  tick: number
  state: NonNullable<RoomReload['state']>
} {
  return { roomId, tick, state: state ?? 'gone' }
}
