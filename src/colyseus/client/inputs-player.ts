import { sameBytes } from '../../bytes.ts'
import { hashWorld, InputPlayer, listComponents, Snapshot } from '../../index.ts'
import type { GameDefinition } from '../game/define-game.ts'
import { readCode } from '../game/read-code.ts'
import type { RunningGame } from '../game/start-game.ts'
import { FULL_STATE_MESSAGE } from '../sync/room-messages.ts'
import type { InputsFrame, NetworkId } from '../sync/sync.ts'
import { type JoinedRoom, sendInput } from './joined-room.ts'
import { Lead } from './lead.ts'
import type { Input, Reconciliation } from './prediction.ts'
import type { RoomPlayer } from './room-player.ts'

const FIRST_LEAD_SECONDS = 0.15
/** Milliseconds between two requests for a full state: a server answers one a second. */
const ASK_EVERY = 1100

/** Plays a room of `inputs()`: runs the whole game on what all seats did, as the server does, when it comes. */
export class InputsPlayer implements RoomPlayer {
  readonly #game: RunningGame
  readonly #onFrame: (report: Reconciliation) => void
  readonly #onError: (error: unknown) => void
  readonly #lead: Lead
  /** The scripts as the game defines them. */
  readonly #scripts: GameDefinition['scripts']
  #joined: JoinedRoom
  #player: InputPlayer | undefined
  #input: Input = {}
  #own = 0
  #tick = 0
  #confirmed = -1
  /** The tick of the last input that was sent. */
  #sent = 0
  /** The time of the last input that was sent. */
  #sentAt = Number.NEGATIVE_INFINITY
  #isPlaying = false
  /** Whether the world is not that of the server, until a full state comes. */
  #isLost = false
  /** The time at which it was asked for. */
  #askedAt = Number.NEGATIVE_INFINITY

  constructor(
    game: RunningGame,
    { scripts }: GameDefinition,
    joined: JoinedRoom,
    onFrame: (report: Reconciliation) => void,
    onError: (error: unknown) => void,
  ) {
    const { hz } = joined.hello
    this.#game = game
    this.#scripts = scripts
    this.#joined = joined
    this.#onFrame = onFrame
    this.#onError = onError
    this.#lead = new Lead(Math.ceil(FIRST_LEAD_SECONDS * hz) + 1, Math.max(4, hz))
  }

  get tick(): number {
    return this.#tick
  }

  get confirmed(): number {
    return this.#confirmed
  }

  get own(): NetworkId {
    return this.#own
  }

  /** All entities of the game, which have the same ids on both sides. */
  get ids(): Iterable<NetworkId> {
    return this.#own === 0 ? [] : [this.#own]
  }

  get lead(): number {
    return this.#lead.ticks
  }

  entity(id: NetworkId): number | undefined {
    return id
  }

  value(id: NetworkId, field: string): number | undefined {
    const [component = '', name = ''] = field.split('.')
    return (this.#game.components as Readonly<Record<string, Readonly<Record<string, ArrayLike<number>>>>>)[component]?.[name]?.[id]
  }

  start(): void {
    void this.#play()
  }

  send(input: Input): void {
    this.#input = input
  }

  update(now: number): number {
    void this.#play()
    this.#askForAll(now)
    const { hz } = this.#joined.hello
    if (this.#confirmed < 0 || now - this.#sentAt < 1000 / hz / 2) return 0
    const target = this.#confirmed + this.#lead.ticks
    let count = 0
    for (let tick = Math.max(this.#sent, this.#confirmed) + 1; tick <= target; tick++, count++) {
      if (!sendInput(this.#joined, tick, this.#input)) break
      this.#sent = tick
      this.#sentAt = now
    }
    return count
  }

  move(joined: JoinedRoom): void {
    this.leave()
    this.#joined = joined
    this.#lead.restart()
  }

  stop(): void {
    this.#player?.end()
    this.#player = undefined
  }

  leave(): void {
    this.#joined.predict.dispose()
  }

  /** Plays the frames that came, one after the other. */
  async #play(): Promise<void> {
    if (this.#isPlaying) return
    this.#isPlaying = true
    const { frames } = this.#joined
    // Patches say what changed since those that were dropped.
    if (frames.isBehind) this.#isLost = true
    try {
      for (let frame = frames.inputs.shift(); frame !== undefined; frame = frames.inputs.shift()) await this.#take(frame)
    } catch (error) {
      this.#onError(error)
      this.#isLost = true
    } finally {
      this.#isPlaying = false
    }
  }

  async #take(frame: InputsFrame): Promise<void> {
    const { runtime, world, relations } = this.#game
    let corrected: readonly NetworkId[] = []
    if (frame.kind === 'full') {
      this.#player?.end()
      this.#player = undefined
      await this.#runCode(frame.codes)
      this.#player = InputPlayer.begin(runtime as never, Snapshot.fromBytes(frame.snapshot))
      if (this.#isLost) corrected = [frame.own]
      this.#isLost = false
    } else if (this.#isLost || this.#player === undefined) return
    else {
      await this.#player.play(frame.inputs)
      if (frame.hash !== undefined && hashWorld(world, listComponents(runtime as never), relations) !== frame.hash) this.#isLost = true
    }
    this.#tick = frame.tick
    this.#confirmed = frame.tick
    this.#own = frame.own
    this.#lead.heed(frame)
    this.#onFrame({ tick: frame.tick, corrected, replayed: 0 })
  }

  /** Has each script run the code that it runs on the server. */
  async #runCode(codes: ReadonlyMap<string, Uint8Array>): Promise<void> {
    const { runtime } = this.#game
    for (const { name, bytes } of this.#scripts) {
      const id = runtime.find(name)?.id
      const code = codes.get(name) ?? bytes
      if (id !== undefined && !sameBytes(readCode(runtime as never, id), code)) await runtime.reloadModule(id, code)
    }
  }

  /** Asks for the whole game, if this one is another than the server's: again and again, since a server that was just asked does not answer. */
  #askForAll(now: number): void {
    if (!this.#isLost || now - this.#askedAt < ASK_EVERY) return
    this.#askedAt = now
    this.#joined.room.send(FULL_STATE_MESSAGE)
  }
}
