import type { Client, DefineInputOptions } from '@colyseus/core'
import type { GameDefinition } from '../game/define-game.ts'
import { type RunningGame, startGame } from '../game/start-game.ts'
import { type Keeper, noKeeper, type RoomClaim } from '../keep/keeper.ts'
import { VERSION_REFUSED, writeHello } from '../sync/hello.ts'
import { inputFields } from '../sync/input-fields.ts'
import { FULL_STATE_MESSAGE, MOVED, REPORT_MESSAGE, SCRIPT_MESSAGE, SCRIPTS_MESSAGE, TICK_FIELD } from '../sync/room-messages.ts'
import type { Sync, SyncEncoder } from '../sync/sync.ts'
import { debugAndPrintError, matchMaker, Room, ServerError } from './colyseus-core.ts'
import { guardMessages } from './guard-messages.ts'
import { type ClusterRoom, enterRoom } from './live-rooms.ts'
import { RoomAnswers } from './room-answers.ts'
import { RoomKeeping } from './room-keeping.ts'
import { unlistRoom } from './room-listing.ts'
import { RoomLoop, type RoomLoopOptions } from './room-loop.ts'
import { closeMetrics, openMetrics, type RoomMetrics } from './room-metrics.ts'
import { checkRoom, type RoomQuota, readJoin } from './room-options.ts'
import { RoomSerializer } from './room-serializer.ts'
import { Seating } from './seating.ts'
import { type RoomSeat, Seats } from './seats.ts'

/** Messages that a client may send in a second, if the room does not say: inputs of each tick, those of 3 seconds again after a pause, and others. */
const MESSAGES_PER_TICK = 10
const SPARE_MESSAGES = 100
/** Inputs of a client that may wait for their ticks: those of two seconds, at the most ticks a second. */
const MAX_WAITING_INPUTS = 2 * 240
/** Bytes of a frame that are no part of its content: what Colyseus puts before it. */
const FRAME_PREFIX = 9

/** How Colyseus sends a client all of the state. */
interface FullStateSender {
  sendFullState(client: Client): void
}

/** What a room has while its game runs. */
interface RunningRoom {
  readonly running: RunningGame
  readonly seats: Seats
  readonly encoder: SyncEncoder
  readonly keeping: RoomKeeping
  readonly loop: RoomLoop
  readonly seating: Seating
  readonly metrics: RoomMetrics
  readonly answers: RoomAnswers
  leave: () => void
}

/**
 * A room of Colyseus whose state is a game of scripts. Subclasses say which game, and what clients get of it.
 *
 * @example
 * ```ts
 * class Arena extends ScriptRoom {
 *   game = game
 *   sync = columns({ Position: q(1 / 16) }, { near: 500, own: true })
 *   inputs = this.defineInput(Move, { seqField: 'tick' })
 *   onSeat(seat: RoomSeat): number {
 *     return this.runtime.spawn({ Position: { x: 0, y: 0 } })
 *   }
 * }
 * ```
 */
export abstract class ScriptRoom extends Room {
  /** The game that the room runs. Clients must have the same version of it. */
  abstract readonly game: GameDefinition
  /** What clients get of the game. */
  abstract readonly sync: Sync
  /** Ticks in a second. */
  readonly hz: number = 20
  /** Ticks between two patches. */
  readonly patchEvery: number = 1
  readonly quota: RoomQuota = {}
  /** Keeps the room, so that another process can run it on. */
  readonly keep: Keeper = noKeeper
  /** Seconds for which the seat of a client is kept that lost its connection. It comes back with its ticket. */
  readonly seatSeconds: number = 20
  #room: RunningRoom | undefined
  #isMoved = false

  constructor() {
    super()
    const { defineInput } = this
    // Colyseus keeps 32, and drops the oldest of more: those whose ticks come next.
    this.defineInput = ((type: new () => object, options?: DefineInputOptions<object>) => {
      const isTicked = options?.seqField === TICK_FIELD
      return defineInput.call(this, type, { ...(isTicked && { bufferMaxSize: MAX_WAITING_INPUTS }), ...options })
    }) as typeof defineInput
  }

  /** The game as it runs. From `onBegin` on. */
  get running(): RunningGame {
    return this.#live().running
  }

  /** The runtime of the game. From `onBegin` on. */
  get runtime(): RunningGame['runtime'] {
    return this.running.runtime
  }

  /** Ticks completed. The count never goes back, even if a probation takes the runtime back. */
  get tick(): number {
    return this.#live().loop.tick
  }

  /** The seats that are taken, in order. */
  get seats(): readonly RoomSeat[] {
    return [...this.#live().seats]
  }

  /** Fills the world of a new room. It is not called for a room that was kept. */
  onBegin?(options: unknown): void | Promise<void>

  /** Gives a client that joins an entity, and returns it; 0 if it plays none. `options` are what the client joined with. */
  abstract onSeat(seat: RoomSeat, options: unknown): number | Promise<number>

  /** Called when a seat is given up. Removes its entity. */
  onUnseat(seat: RoomSeat): void {
    if (seat.entity !== 0) this.runtime.despawn(seat.entity)
  }

  /**
   * Applies an input to the entity of a seat, before a tick. Emits the event `input` with the entity and the numbers of the input; 0 for one that is not
   * finite, which nobody but a forger sends.
   */
  onInput(seat: RoomSeat, input: object): void {
    const numbers = input as Readonly<Record<string, number>>
    const finite = inputFields(input).map((name) => (Number.isFinite(numbers[name]) ? (numbers[name] as number) : 0))
    if (seat.entity !== 0) this.runtime.emit('input', seat.entity, ...finite)
  }

  /** Starts the game. A subclass that overrides it awaits `super.onCreate(options)` first. */
  override async onCreate(options?: unknown): Promise<void> {
    const { game, hz, patchEvery, sync, quota, seatSeconds } = this
    checkRoom({ game, sync, hz, patchEvery, quota, seatSeconds })
    if (this.maxMessagesPerSecond === Number.POSITIVE_INFINITY) this.maxMessagesPerSecond = MESSAGES_PER_TICK * hz + SPARE_MESSAGES
    guardMessages(this)
    const claim = await this.keep.claim(this.roomId, { name: this.roomName, options })
    let running: RunningGame | undefined
    try {
      running = await startGame(game, quota.fuel === undefined ? {} : { fuel: quota.fuel })
      await this.#open(running, claim, options)
    } catch (error) {
      this.#room?.keeping.dispose()
      running?.runtime.dispose()
      await claim.release().catch(debugAndPrintError)
      throw error
    }
  }

  /** Gives a client a seat, or the one that it had. A subclass that overrides it awaits `super.onJoin(client, options)` first. */
  override async onJoin(client: Client, options?: unknown): Promise<void> {
    const { seating, metrics } = this.#live()
    const { version, ticket } = readJoin(options)
    if (version !== this.game.version) {
      metrics.refused++
      throw new ServerError(
        VERSION_REFUSED,
        `the room runs version ${this.game.version} of the game, and this client has ${version ?? 'none'}: load it anew`,
      )
    }
    await seating.join(client, ticket, options)
    metrics.clients = this.clients.length
  }

  override onDrop(client: Client): void {
    const room = this.#room
    if (room?.loop.isStopped === false) room.seating.drop(client)
  }

  override onLeave(client: Client): void {
    const room = this.#room
    if (room === undefined) return
    room.metrics.clients = this.clients.length
    if (!room.loop.isStopped) room.seating.leave(client)
  }

  /** Lets another process run the room on, if it is kept, and sends clients there. */
  override onBeforeShutdown(): void {
    if (this.#room?.keeping.isOn === true) void this.#handOver()
    else super.onBeforeShutdown()
  }

  override async onDispose(): Promise<void> {
    const room = this.#room
    if (room === undefined) return
    room.loop.stop()
    room.leave()
    room.keeping.dispose()
    room.encoder.dispose()
    closeMetrics(room.metrics)
    try {
      // In a process that shuts down it ends here, not for good.
      if (matchMaker.state === matchMaker.MatchMakerState.SHUTTING_DOWN) await room.keeping.claim.release()
      else if (!this.#isMoved) await room.keeping.claim.forget()
    } finally {
      room.running.runtime.dispose()
    }
  }

  async #open(game: RunningGame, claim: RoomClaim, options: unknown): Promise<void> {
    const { hz, patchEvery, quota } = this
    const patchBytes = quota.bytes === undefined ? Number.POSITIVE_INFINITY : Math.max(1, (quota.bytes * patchEvery) / hz - FRAME_PREFIX)
    const seats = new Seats(game)
    const keeping = new RoomKeeping(this.keep, claim, this.game, game, seats, hz)
    const encoder = this.sync.open({ game: this.game, running: game, hz, patchEvery, patchBytes })
    const revived = await keeping.revive()
    const metrics = openMetrics(this.roomName)
    game.runtime.on('error', (error) => this.#countFault(metrics, error.code), { passive: true })
    const parts = { running: game, seats, encoder, keeping, metrics }
    const loop = this.#makeLoop(parts, revived ?? 0)
    // Private, and the only way to send it with the time of the room.
    const sendFullState = (client: Client): void => (this as unknown as FullStateSender).sendFullState(client)
    const answers = new RoomAnswers({ game: this.game, running: game, loop, metrics, sendFullState })
    const seating = this.#makeSeating(parts, loop)
    const room = { ...parts, loop, seating, answers, leave: () => undefined }
    this.#room = room
    if (revived === undefined) {
      await this.onBegin?.(options)
      await keeping.save(0)
    }
    seating.holdAll()
    this.#room.leave = await enterRoom(this.#clusterRoom(room))
    claim.onLost(() => void this.#moveOn())
    encoder.take(loop.tick)
    this.#serve(encoder, metrics, seats)
    this.setFixedTimestep(() => loop.step(), hz)
    // Only now: with no loop yet, it would start a timer that takes the clock of the room.
    this.patchRate = null
  }

  #makeLoop(parts: Pick<RoomLoopOptions, 'running' | 'seats' | 'encoder' | 'keeping' | 'metrics'>, tick: number): RoomLoop {
    const { hz, patchEvery, inputs } = this
    const options: RoomLoopOptions = {
      ...parts,
      hz,
      patchEvery,
      inputs,
      onInput: (seat, input) => this.onInput(seat, input),
      onAway: (seat) => this.#live().seating.giveUp(seat),
      broadcast: () => void this.broadcastPatch(),
      now: () => performance.now(),
    }
    return new RoomLoop(options, tick)
  }

  #makeSeating({ seats, encoder }: Pick<RunningRoom, 'seats' | 'encoder'>, loop: RoomLoop): Seating {
    const isAutoDisposed = this.autoDispose
    return new Seating({
      seats,
      encoder,
      holdUntil: () => loop.tick + this.seatSeconds * this.hz,
      onSeat: (seat, options) => this.onSeat(seat, options),
      onUnseat: (seat) => this.onUnseat(seat),
      // Keeps the room while a client may come back.
      onChange: (isHeld) => {
        if (isAutoDisposed) this.autoDispose = !isHeld
      },
    })
  }

  /** Returns this room as clusters see it. */
  #clusterRoom({ running, loop, answers }: RunningRoom): ClusterRoom {
    return {
      roomId: this.roomId,
      game: this.game,
      runtime: running.runtime as never,
      get tick() {
        return loop.tick
      },
      afterTick: (tick, work) => loop.afterTick(tick, work),
      tell: (notice) => {
        answers.announce(notice)
        this.broadcast(SCRIPT_MESSAGE, notice)
      },
    }
  }

  #serve(encoder: SyncEncoder, metrics: RoomMetrics, seats: Seats): void {
    const { hz, patchEvery } = this
    const hello = writeHello({ version: this.game.version, hz, patchEvery, sync: encoder.description })
    this.setSerializer(new RoomSerializer({ encoder, metrics, hello, seatOf: (client) => seats.of(client) }))
    this.state = {}
    this.onMessage(SCRIPTS_MESSAGE, (client) => this.#live().answers.inform(client))
    this.onMessage(FULL_STATE_MESSAGE, (client) => this.#live().answers.sendFull(client))
    this.onMessage(REPORT_MESSAGE, (_, report: unknown) => this.#live().answers.countReport(report))
  }

  #countFault(metrics: RoomMetrics, code: string): void {
    metrics.faults++
    if (code === 'OutOfFuel') metrics.outOfFuel++
  }

  async #handOver(): Promise<void> {
    const { loop, keeping } = this.#live()
    loop.stop()
    // Without a last snapshot, another process runs the ticks since the one before again.
    if (keeping.canSave) await keeping.save(loop.tick).catch(debugAndPrintError)
    // Before another process lists the room.
    await unlistRoom(this).catch(debugAndPrintError)
    // If it cannot be released, others claim it once this process is silent.
    await keeping.claim.release().catch(debugAndPrintError)
    await this.#moveOn()
  }

  /** Stops the room here: another process runs it. */
  async #moveOn(): Promise<void> {
    this.#isMoved = true
    this.#live().loop.stop()
    await unlistRoom(this).catch(debugAndPrintError)
    await this.disconnect(MOVED)
  }

  #live(): RunningRoom {
    if (this.#room === undefined) throw new ServerError(undefined, 'the room is not open yet: use its game from onBegin on')
    return this.#room
  }
}
