import type { Client, Room } from '@colyseus/sdk'
import type { World } from 'bitecs'
import { ScriptError } from '../../errors.ts'
import type { ComponentsSchema, DefinedComponents, WasmScriptRuntime } from '../../index.ts'
import type { RunningGame } from '../game/start-game.ts'
import { VERSION_REFUSED } from '../sync/hello.ts'
import { type ClientReport, MOVED, REPORT_MESSAGE, SCRIPT_MESSAGE, SCRIPTS_MESSAGE } from '../sync/room-messages.ts'
import type { NetworkId } from '../sync/sync.ts'
import type { ResolvedClientOptions } from './client-options.ts'
import { ColumnsPlayer } from './columns-player.ts'
import type { Sdk } from './colyseus-sdk.ts'
import type { ConnectionEvents, ConnectionStats } from './connection-events.ts'
import { InputsPlayer } from './inputs-player.ts'
import { type JoinedRoom, joinRoom } from './joined-room.ts'
import { Listeners } from './listeners.ts'
import type { PredictedFields } from './predicted-fields.ts'
import type { Input, Reconciliation } from './prediction.ts'
import { PublishedScripts } from './published-scripts.ts'
import { rejoin } from './rejoin.ts'
import type { RoomPlayer } from './room-player.ts'

const EVENTS = ['moved', 'corrected', 'version', 'reload', 'left', 'error'] as const
/** Codes of connections that ended by accident: nothing said, gone away, lost, and a server that restarts. */
const LOST: readonly number[] = [MOVED, 1001, 1005, 1006, 1011, 1012, 4010]
/** Frames between two reports to the server. */
const REPORT_EVERY = 100
/** Milliseconds without a frame after which the connection counts as lost: a process that sleeps, or a machine that is gone, closes none. */
const MAX_SILENCE = 5000

/** A game of this client's own that follows a room. Made by `connectScripts`. */
export class ScriptConnection<Schema extends ComponentsSchema = ComponentsSchema> {
  readonly #sdk: Sdk
  readonly #client: Client
  readonly #options: ResolvedClientOptions
  readonly #game: RunningGame
  readonly #player: RoomPlayer
  readonly #scripts: PublishedScripts
  readonly #listeners = new Listeners<ConnectionEvents>(EVENTS)
  #joined: JoinedRoom
  #state: 'joined' | 'lost' | 'left' = 'joined'
  #isDisposed = false
  /** The time of the last frame. */
  #heardAt = 0
  /** Corrections that the server knows of. */
  #reported = 0
  #counts = { frames: 0, corrected: 0, replayed: 0 }

  /** @internal */
  constructor(sdk: Sdk, client: Client, game: RunningGame, joined: JoinedRoom, options: ResolvedClientOptions, fields: PredictedFields) {
    this.#sdk = sdk
    this.#client = client
    this.#options = options
    this.#game = game
    this.#joined = joined
    const onFrame = (report: Reconciliation): void => this.#count(report)
    this.#player =
      joined.hello.sync.kind === 'columns'
        ? new ColumnsPlayer(game, joined, options, fields, onFrame)
        : new InputsPlayer(game, options.game, joined, onFrame, (error) => this.#fail(asScriptError(error)))
    this.#scripts = new PublishedScripts(game, options.game, fields, (outcome) => {
      if (outcome instanceof ScriptError) this.#fail(outcome)
      else this.#listeners.call('reload', outcome)
    })
    this.#listen(joined)
    this.#player.start()
  }

  /** The runtime of this client's game. */
  get runtime(): WasmScriptRuntime<DefinedComponents<Schema>> {
    return this.#game.runtime as never
  }

  /** The world of this client's game. */
  get world(): World {
    return this.#game.world
  }

  /** The components of this client's game. */
  get components(): DefinedComponents<Schema> {
    return this.#game.components as never
  }

  /** The room of the SDK, for messages of the game's own. Another object after `moved`. */
  get room(): Room {
    return this.#joined.room
  }

  /** Whether there is a connection, it is being sought again, or it has ended. */
  get state(): 'joined' | 'lost' | 'left' {
    return this.#state
  }

  /** The network id of the entity of this client's seat; 0 without one. */
  get own(): NetworkId {
    return this.#player.own
  }

  /** The ticks that this client's game has completed: it is ahead of the server. */
  get tick(): number {
    return this.#player.tick
  }

  /** The network ids of the entities that this client sees. */
  get ids(): Iterable<NetworkId> {
    return this.#player.ids
  }

  get stats(): ConnectionStats {
    return { ...this.#counts, lead: this.#player.lead, missed: this.#joined.frames.report.missed }
  }

  /**
   * Has an input sent with each tick from now on, until it is called again. Its numbers are those that the room's inputs have.
   *
   * @example
   * connection.send({ x: 1, y: 0 })
   */
  send(input: Input): void {
    this.#player.send(input)
  }

  /**
   * Takes the frames that came, and runs the ticks that are due. Call it once for each picture, before you draw, with the time of that
   * picture in milliseconds. Returns how many ticks ran.
   *
   * @example
   * requestAnimationFrame(function draw(now) {
   *   connection.update(now)
   *   sprite.x = connection.value(connection.own, 'Position.x') ?? 0
   *   requestAnimationFrame(draw)
   * })
   */
  update(now: number = performance.now()): number {
    if (this.#isDisposed) throw new ScriptError('Disposed', 'the connection was disposed of')
    if (this.#state === 'joined' && performance.now() - this.#heardAt > MAX_SILENCE) this.#giveUp()
    const ran = this.#player.update(now, this.#scripts.last)
    this.#scripts.begin(this.#player.tick)
    return ran
  }

  /**
   * Returns the entity of this client's world that stands for an entity of the server; `undefined` if this client does not see it. It may be
   * another one after a correction: ask anew for each picture.
   */
  entity(id: NetworkId): number | undefined {
    return this.#player.entity(id)
  }

  /**
   * Returns the value of a field to draw, such as `Position.x`: between two ticks for what is predicted, between two frames for all else. `undefined` if this
   * client does not see the entity, or the room does not send the field.
   */
  value(id: NetworkId, field: string): number | undefined {
    return this.#player.value(id, field)
  }

  /**
   * Calls `listener` for every event with a name. Returns a function that removes the listener.
   *
   * @throws {ScriptError} InvalidOptions
   */
  on<Name extends keyof ConnectionEvents>(name: Name, listener: (payload: ConnectionEvents[Name]) => void): () => void {
    return this.#listeners.on(name, listener)
  }

  /** Leaves the room. The game of this client stays as it is. */
  async leave(): Promise<void> {
    if (this.#state === 'left') return
    const { room } = this.#joined
    const wasLost = this.#state === 'lost'
    this.#end(1000, 'the client left')
    if (!wasLost) await room.leave()
  }

  /** Leaves the room and ends the game of this client. Further calls do nothing. */
  dispose(): void {
    if (this.#isDisposed) return
    void this.leave()
    this.#isDisposed = true
    this.#listeners.clear()
    this.#game.runtime.dispose()
  }

  #listen({ room, frames }: JoinedRoom): void {
    this.#heardAt = performance.now()
    frames.onFrame = () => {
      this.#heardAt = performance.now()
      if (frames.error !== undefined) this.#refuse(frames.error)
    }
    // Among the inputs of a room of inputs() are its reloads, and its full states have the code.
    const takes = this.#joined.hello.sync.kind === 'columns'
    room.onMessage(SCRIPT_MESSAGE, (message: unknown) => takes && this.#guard(() => this.#scripts.take(message)))
    room.onMessage(SCRIPTS_MESSAGE, (message: unknown) => this.#guard(() => this.#scripts.takeAll(message)))
    // What the room said before anyone listened is lost.
    if (takes) room.send(SCRIPTS_MESSAGE)
    room.onLeave((code, reason) => {
      if (this.#joined.room === room && this.#state === 'joined') this.#lose(code, reason ?? '')
    })
  }

  /** Ends the connection, because the server sent something that is not valid. */
  #refuse(error: ScriptError): void {
    if (this.#state !== 'joined') return
    const { room } = this.#joined
    this.#end(1002, error.message, error)
    void room.leave()
  }

  #guard(work: () => void): void {
    try {
      work()
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error
      this.#refuse(error)
    }
  }

  /** Leaves a connection that is silent, and seeks the room. */
  #giveUp(): void {
    const { room } = this.#joined
    this.#lose(1006, `no frame came for ${MAX_SILENCE / 1000} seconds`)
    void room.leave(false)
  }

  #lose(code: number, reason: string): void {
    if (LOST.includes(code)) {
      this.#state = 'lost'
      void this.#return(code, reason)
    } else {
      this.#end(code, reason)
    }
  }

  /** Joins the room again, wherever it runs now. */
  async #return(code: number, reason: string): Promise<void> {
    const { roomId } = this.#joined.room
    const isWanted = (): boolean => this.#state === 'lost'
    const join = (): Promise<JoinedRoom> => joinRoom(this.#sdk, this.#client, { id: roomId }, this.#options)
    const { patience } = this.#options
    const joined = await rejoin({ join, patience, isWanted }).catch(({ detail }: ScriptError) => {
      if (isWanted()) this.#refuseVersion(detail)
      return undefined
    })
    if (joined !== undefined) this.#comeBack(joined)
    else if (isWanted()) this.#end(code, reason)
  }

  #refuseVersion(message: string): void {
    this.#listeners.call('version', { own: this.#options.game.version, message })
    this.#end(VERSION_REFUSED, message)
  }

  #comeBack(joined: JoinedRoom): void {
    if (JSON.stringify(joined.hello) !== JSON.stringify(this.#joined.hello)) {
      void joined.room.leave()
      this.#refuseVersion('the room sends other fields, or ticks at another rate, than before: load the game anew')
      return
    }
    this.#joined = joined
    this.#state = 'joined'
    this.#listen(joined)
    this.#player.move(joined)
    this.#listeners.call('moved', { roomId: joined.room.roomId, tick: this.#player.confirmed })
  }

  #end(code: number, reason: string, error?: ScriptError): void {
    this.#state = 'left'
    this.#player.stop()
    if (error !== undefined) this.#fail(error)
    this.#listeners.call('left', { code, reason })
  }

  #fail(error: ScriptError): void {
    if (this.#listeners.hears('error')) this.#listeners.call('error', error)
    else console.error(error)
  }

  /** Tells the server how well its game is predicted, for its metrics. */
  #reportCounts(): void {
    const { corrected } = this.#counts
    const report: ClientReport = { frames: REPORT_EVERY, corrected: corrected - this.#reported }
    this.#reported = corrected
    if (this.#state === 'joined') this.#joined.room.send(REPORT_MESSAGE, report)
  }

  #count({ tick, corrected, replayed }: Reconciliation): void {
    const counts = this.#counts
    const isOwn = corrected.includes(this.own)
    counts.frames++
    counts.replayed += replayed
    if (isOwn) counts.corrected++
    if (counts.frames % REPORT_EVERY === 0) this.#reportCounts()
    if (corrected.length > 0) this.#listeners.call('corrected', { tick, entities: corrected, isOwn, replayed })
  }
}

function asScriptError(error: unknown): ScriptError {
  return error instanceof ScriptError ? error : new ScriptError('StateRejected', 'what the server sent cannot be played', { cause: error })
}
