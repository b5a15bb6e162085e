import { type GameInput, InputPlayer, Snapshot } from '../../index.ts'
import type { GameDefinition } from '../game/define-game.ts'
import { changedCodes } from '../game/read-code.ts'
import type { RunningGame } from '../game/start-game.ts'
import type { Keeper, RoomClaim } from '../keep/keeper.ts'
import { decodeRoom, decodeTick, encodeRoom, encodeTick } from './room-log.ts'
import type { Seats } from './seats.ts'

/** What is kept of a room, and who may run it. */
export class RoomKeeping {
  readonly claim: RoomClaim
  readonly #keeper: Keeper
  readonly #running: RunningGame
  readonly #game: GameDefinition
  readonly #seats: Seats
  readonly #snapshotEvery: number
  readonly #off: () => void
  #inputs: GameInput[] = []
  #keptSeats = ''
  #isSaving = false
  #isDue = false

  constructor(keeper: Keeper, claim: RoomClaim, game: GameDefinition, running: RunningGame, seats: Seats, hz: number) {
    this.claim = claim
    this.#keeper = keeper
    this.#game = game
    this.#running = running
    this.#seats = seats
    this.#snapshotEvery = Math.max(1, Math.round(keeper.snapshot * hz))
    const isKept = Number.isFinite(keeper.snapshot)
    this.#off = isKept ? running.runtime.on('input', (input) => void this.#inputs.push(input), { passive: true }) : () => undefined
  }

  /** Whether a room is kept at all. */
  get isOn(): boolean {
    return Number.isFinite(this.#keeper.snapshot)
  }

  /** Restores what was kept of the room, and returns how many ticks it had completed; `undefined` for a new room. */
  async revive(): Promise<number | undefined> {
    const { kept } = this.claim
    if (kept === undefined) return undefined
    const room = decodeRoom(kept.snapshot.bytes)
    const { runtime } = this.#running
    for (const [name, code] of room.codes) {
      const id = runtime.find(name)?.id
      if (id !== undefined) await runtime.reloadModule(id, code)
    }
    const ticks = kept.ticks.map(({ entry }) => decodeTick(entry))
    const player = InputPlayer.begin(runtime as never, Snapshot.fromBytes(room.snapshot), {
      load: true,
      grant: 'recorded',
      limits: 'recorded',
    })
    try {
      for (const { inputs } of ticks) await player.play(inputs)
    } finally {
      player.end()
    }
    const seats = ticks.reduce((seats, tick) => tick.seats ?? seats, room.seats)
    this.#seats.restore(seats)
    this.#keptSeats = JSON.stringify(seats)
    this.#inputs = []
    return kept.ticks.at(-1)?.tick ?? kept.snapshot.tick
  }

  /** Keeps the inputs of a tick that ran, and at times a snapshot. Returns what to wait for before clients hear of the tick; `undefined` for nothing. */
  append(tick: number): Promise<void> | undefined {
    if (!this.isOn) return undefined
    const inputs = this.#inputs
    this.#inputs = []
    const seats = this.#seats.keep()
    const text = JSON.stringify(seats)
    const entry = encodeTick({ seats: text === this.#keptSeats ? undefined : seats, inputs })
    this.#keptSeats = text
    const appended = this.claim.append(tick, entry)
    this.#isDue ||= tick % this.#snapshotEvery === 0
    if (this.#isDue && this.canSave) this.#saveInBackground(tick)
    if (this.#keeper.strict) return appended
    appended.catch(() => undefined)
    return undefined
  }

  /** Saves again if the keeper asks for it. */
  heed(tick: number): void {
    if (this.isOn && this.claim.wantsSnapshot && !this.#isSaving && this.canSave) this.#saveInBackground(tick)
  }

  /** Whether a snapshot has all of the room: it does not hold what a probation goes back to. */
  get canSave(): boolean {
    return !this.#running.runtime.scripts().some(({ probation }) => probation > 0)
  }

  /** Keeps a snapshot of the room as it is. */
  async save(tick: number): Promise<void> {
    if (!this.isOn) return
    this.#inputs = []
    this.#isDue = false
    const seats = this.#seats.keep()
    this.#keptSeats = JSON.stringify(seats)
    const { runtime } = this.#running
    await this.claim.save(
      tick,
      encodeRoom({ seats, codes: changedCodes(runtime as never, this.#game), snapshot: runtime.snapshot().toBytes() }),
    )
  }

  dispose(): void {
    this.#off()
  }

  #saveInBackground(tick: number): void {
    this.#isSaving = true
    this.save(tick)
      // The keeper asks again, by `wantsSnapshot`, or the claim is lost and says so.
      .catch(() => undefined)
      .finally(() => {
        this.#isSaving = false
      })
  }
}
