import type { SimReconciler, StepContext } from '@colyseus/sdk'
import type { RunningGame } from '../game/start-game.ts'
import type { NetworkId } from '../sync/sync.ts'
import type { ResolvedClientOptions } from './client-options.ts'
import type { ColumnsState } from './columns-state.ts'
import { Interpolation } from './interpolation.ts'
import { inputSent, type JoinedRoom, sendInput } from './joined-room.ts'
import { Lead } from './lead.ts'
import type { PredictedFields } from './predicted-fields.ts'
import { type Input, Prediction, type Reconciliation } from './prediction.ts'
import { Replica } from './replica.ts'
import type { RoomPlayer } from './room-player.ts'

/** Ticks that are kept: as many seconds as a server may be silent until what was done meanwhile is lost. */
const KEPT_SECONDS = 3
/** A first guess, of a line of 150 ms there and back. Frames make it right. */
const FIRST_LEAD_SECONDS = 0.15

type OwnReconciler = SimReconciler<Record<string, number>, Record<string, number>>

/** Plays a room of `columns()`: shows what the server sends, and runs ahead of it where scripts are predicted. */
export class ColumnsPlayer implements RoomPlayer {
  readonly #game: RunningGame
  readonly #options: ResolvedClientOptions
  readonly #onFrame: (report: Reconciliation) => void
  readonly #hz: number
  readonly #delay: number
  readonly #replica: Replica
  readonly #prediction: Prediction
  readonly #interpolation: Interpolation = new Interpolation()
  readonly #indexOf: ReadonlyMap<string, number>
  readonly #lead: Lead
  #joined: JoinedRoom
  #own: { readonly id: NetworkId; readonly sim: OwnReconciler } | undefined
  #input: Input = {}
  /** Ticks to run beside those of the clock: the lead became longer, or shorter. */
  #owed = 0
  /** Whether inputs are sent that ran before. */
  #isResending = false
  #isAfterMove = false
  #steppedAt = 0
  #now = 0

  constructor(
    game: RunningGame,
    joined: JoinedRoom,
    options: ResolvedClientOptions,
    predicted: PredictedFields,
    onFrame: (report: Reconciliation) => void,
  ) {
    const { hello } = joined
    const { own, others } = options.predict
    // What runs on the server alone must not do here what all clients see.
    for (const { id, name } of game.runtime.scripts()) if (!own.includes(name) && !others.includes(name)) game.runtime.unloadModule(id)
    this.#game = game
    this.#joined = joined
    this.#options = options
    this.#onFrame = onFrame
    this.#hz = hello.hz
    this.#delay = options.delay ?? (2000 * hello.patchEvery) / hello.hz
    const { fields } = this.#state
    this.#indexOf = new Map(fields.map(({ component, field }, index) => [`${component}.${field}`, index]))
    this.#replica = new Replica(game, fields, options.predict, options.game.capacity, predicted)
    // So `ecs.random` draws here what it draws on the server.
    options.identity.of = (entity) => this.#replica.serverEntity(entity)
    this.#lead = new Lead(Math.ceil(FIRST_LEAD_SECONDS * hello.hz) + 1, Math.max(4, hello.hz))
    this.#prediction = new Prediction({
      replica: this.#replica,
      dt: 1 / hello.hz,
      ticks: Math.max(64, KEPT_SECONDS * hello.hz),
      applyInput: (entity, input) => options.onInput(game.runtime as never, entity, input),
    })
  }

  get tick(): number {
    return this.#prediction.tick
  }

  get confirmed(): number {
    return this.#prediction.confirmed
  }

  get own(): NetworkId {
    return this.#replica.cast.own
  }

  get ids(): Iterable<NetworkId> {
    return this.#replica.cast.entities.keys()
  }

  get lead(): number {
    return this.#lead.ticks
  }

  entity(id: NetworkId): number | undefined {
    return this.#replica.cast.entities.get(id)
  }

  start(): void {
    this.#takeFrame()
  }

  send(input: Input): void {
    this.#input = input
  }

  move(joined: JoinedRoom): void {
    this.leave()
    this.#joined = joined
    this.#isAfterMove = true
    this.#lead.restart()
  }

  stop(): void {
    this.#input = {}
  }

  leave(): void {
    this.#own?.sim.dispose()
    this.#own = undefined
    this.#joined.predict.dispose()
  }

  update(now: number, last: number): number {
    this.#now = now
    // It takes the newest frame if the server has got an input, and says how many steps of time have passed.
    const passed = this.#joined.predict.tick(now)
    this.#takeFrame()
    if (this.#own === undefined) return 0
    const prediction = this.#prediction
    let due = Math.max(0, passed + this.#owed)
    this.#owed = Math.min(0, passed + this.#owed)
    // At the start, and after the server was alone for long.
    if (prediction.tick <= prediction.confirmed) due = Math.max(due, this.#lead.ticks)
    due = Math.max(0, Math.min(due, prediction.confirmed + prediction.size - prediction.tick, last - prediction.tick))
    for (let count = 0; count < due; count++) {
      // It comes back by the SDK's reconciler, rounded as the server gets it. Without a connection it does not.
      if (!sendInput(this.#joined, prediction.tick + 1, this.#input)) prediction.step(this.#input)
      this.#steppedAt = now
    }
    return due
  }

  value(id: NetworkId, field: string): number | undefined {
    const index = this.#indexOf.get(field)
    const entity = this.entity(id)
    if (index === undefined || entity === undefined || !this.#state.has(id)) return undefined
    const { isEntity } = this.#state.fields[index] as ColumnsState['fields'][number]
    if (isEntity) return this.#state.valuesOf(id)[index]
    const isPredicted = this.#replica.predicts(id) && this.#replica.predictsField(index)
    if (id === this.#own?.id && isPredicted) return this.#own.sim.value(field)
    if (isPredicted) {
      const part = Math.min(1, Math.max(0, ((this.#now - this.#steppedAt) * this.#hz) / 1000))
      return this.#prediction.valueBetween(id, index, part)
    }
    return this.#interpolation.value(id, index, this.#shownTick) ?? this.#state.valuesOf(id)[index]
  }

  get #state(): ColumnsState {
    return this.#joined.frames.state as ColumnsState
  }

  /** The tick that entities which are not predicted are shown at. */
  get #shownTick(): number {
    const { clock } = this.#joined.room
    const came = clock.lastServerTime()
    const age = came === 0 ? 0 : clock.renderNow() - came
    return this.#state.tick + ((age - this.#delay) * this.#hz) / 1000
  }

  #takeFrame(): void {
    const state = this.#state
    if (state.tick <= this.#prediction.confirmed) return
    const report = this.#prediction.take(state)
    this.#interpolation.take(state, (id) => !this.#replica.predicts(id))
    const { tick, confirmed } = this.#prediction
    this.#owed += this.#lead.heed(this.#joined.frames.report)
    if (tick > confirmed) this.#owed += this.#lead.watch(tick + this.#owed - confirmed)
    if (state.own !== (this.#own?.id ?? 0)) this.#follow(state.own)
    if (this.#isAfterMove) this.#resend()
    this.#onFrame(report)
  }

  /** Sends again what the process before may not have passed on. */
  #resend(): void {
    this.#isAfterMove = false
    this.#isResending = true
    const prediction = this.#prediction
    for (let tick = prediction.confirmed + 1; tick <= prediction.tick; tick++) sendInput(this.#joined, tick, prediction.inputOf(tick) ?? {})
    this.#isResending = false
  }

  /** Has the SDK drive the entity of the own seat. */
  #follow(id: NetworkId): void {
    this.#own?.sim.dispose()
    this.#own = undefined
    const { inputs, predict } = this.#joined
    if (id === 0 || inputs === undefined) return
    const sim = predict.sim({
      input: inputs,
      world: {},
      // Ticks run again by the ring of snapshots, when a frame needs it: what the SDK would run again has run already.
      step: ({ isReplay }: StepContext, _: unknown, sent: Readonly<Record<string, number>>) => {
        if (!isReplay && !this.#isResending) this.#prediction.step(inputSent(sent))
      },
      adopt: () => this.#takeFrame(),
      pose: () => this.#pose(),
      smoothMs: this.#options.smooth,
      stepMs: 1000 / this.#hz,
      stepSeconds: 1 / this.#hz,
    } as never)
    this.#own = { id, sim: sim as unknown as OwnReconciler }
  }

  #pose(): Record<string, number> {
    const entity = this.entity(this.own)
    const components = this.#game.components as Record<string, Record<string, ArrayLike<number>>>
    const value = (component: string, field: string): number => (entity === undefined ? 0 : (components[component]?.[field]?.[entity] ?? 0))
    return Object.fromEntries(this.#state.fields.map(({ component, field }) => [`${component}.${field}`, value(component, field)]))
  }
}
