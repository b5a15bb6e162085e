import { sameBytes } from '../../bytes.ts'
import type { PreparedScript, ScriptError, ScriptId, Snapshot } from '../../index.ts'
import { hashOf } from '../game/hash-of.ts'
import { readCode } from '../game/read-code.ts'
import type { ClusterRoom } from '../room/live-rooms.ts'
import type { PublishedState } from './publish-report.ts'

/** Ticks in which a new code must not trap in any room. */
export const PROBATION_TICKS = 60

/** A script that is published. */
export interface PublishedScript {
  readonly script: string
  readonly sha256: string
  readonly bytes: Uint8Array
  readonly prepared: PreparedScript
  readonly inTicks: number
}

/** The code of a script in a room, beside the one that is published. */
export interface OtherCode {
  /** The code to go back to. */
  readonly old: Uint8Array
  /** The hash of the code in the game. */
  readonly over: string
}

/** Called when the reload of a room passes its probation, or fails. */
export interface RoomReloadEvents {
  readonly passed: () => void
  readonly failed: (error: unknown) => void
}

/**
 * The reload of a published script in one room: after a tick that is agreed, and on probation for some ticks. Until it is accepted, it can be taken
 * back, code and world.
 */
export class RoomReload {
  readonly room: ClusterRoom
  /** The tick of the room after which the new code runs. */
  readonly tick: number
  /** The hash of the code in the game. */
  readonly over: string
  readonly #published: PublishedScript
  /** The code that it replaces. */
  readonly #old: Uint8Array
  readonly #events: RoomReloadEvents
  readonly #id: ScriptId
  #state: PublishedState | 'waiting' | 'trying' = 'waiting'
  /** The world before the new code, once that runs. */
  #before: { readonly saved: Snapshot | undefined } | undefined
  #stopWatching: (() => void) | undefined

  constructor(room: ClusterRoom, published: PublishedScript, { old, over }: OtherCode, events: RoomReloadEvents) {
    this.room = room
    this.tick = room.tick + published.inTicks
    this.over = over
    this.#published = published
    this.#old = old
    this.#events = events
    this.#id = (room.runtime.find(published.script) as { readonly id: ScriptId }).id
  }

  /** What became of it; `undefined` while that is open. */
  get state(): PublishedState | undefined {
    return this.#state === 'waiting' || this.#state === 'trying' ? undefined : this.#state
  }

  /** Tells the clients, and waits for the tick. */
  start(): void {
    const { script, sha256, bytes } = this.#published
    this.room.tell({ kind: 'reload', script, sha256, bytes, tick: this.tick })
    this.room.afterTick(this.tick, () => this.#reload())
  }

  /** Takes the new code back, if it was not. Resolves when the room runs the old code in the world from before. */
  takeBack(): Promise<void> {
    return new Promise((resolve) => {
      this.room.afterTick(0, async () => {
        try {
          await this.#revert()
        } finally {
          resolve()
        }
      })
    })
  }

  /** The new code stays. */
  accept(): void {
    this.#end()
  }

  /** The room ended. */
  leave(): void {
    if (this.state === undefined || this.state === 'passed') this.#state = 'gone'
    this.#end()
  }

  async #reload(): Promise<void> {
    const { runtime } = this.room
    if (this.#state !== 'waiting') return
    this.#state = 'trying'
    const { bytes, prepared } = this.#published
    // A room that another process began to reload has the code already, by the log of that process.
    if (sameBytes(readCode(runtime, this.#id), bytes)) this.#before = { saved: undefined }
    else {
      const before = { saved: runtime.snapshot() }
      try {
        await runtime.reloadModule(this.#id, prepared)
        this.#before = before
      } catch (error) {
        this.#fail('refused', error)
        return
      }
    }
    const removers = [
      runtime.on('error', (error) => this.#judge(error), { passive: true }),
      runtime.on('tick', () => this.#count(), { passive: true }),
    ]
    this.#stopWatching = () => {
      for (const remove of removers) remove()
    }
  }

  /** A fault of the script is a veto. The runtime has put code and world back already, if the script was on probation there. */
  #judge(error: ScriptError): void {
    if (error.scriptId === this.#id && this.#state === 'trying') this.#fail('trapped', error)
  }

  #count(): void {
    if (this.#state !== 'trying' || this.room.tick - this.tick < PROBATION_TICKS) return
    this.#state = 'passed'
    this.#events.passed()
  }

  #fail(state: 'trapped' | 'refused', error: unknown): void {
    this.#state = state
    this.#events.failed(error)
  }

  async #revert(): Promise<void> {
    const state = this.#state
    if (state === 'reverted' || state === 'gone') return
    if (state !== 'trapped' && state !== 'refused') this.#state = 'reverted'
    const before = this.#before
    this.#end()
    if (before !== undefined) await this.#restoreOld(before.saved)
    const { script } = this.#published
    const bytes = this.#old
    this.room.tell({ kind: 'revert', script, sha256: hashOf(bytes), tick: this.room.tick, bytes })
  }

  /** A runtime whose own probation failed has put back everything by itself. */
  async #restoreOld(saved: Snapshot | undefined): Promise<void> {
    const { runtime } = this.room
    const { bytes } = this.#published
    if (sameBytes(this.#old, bytes) || !sameBytes(readCode(runtime, this.#id), bytes)) return
    if (runtime.script(this.#id).probation > 0) runtime.revert(this.#id)
    else {
      await runtime.reloadModule(this.#id, this.#old)
      if (saved !== undefined) runtime.restore(saved)
    }
  }

  #end(): void {
    this.#stopWatching?.()
    this.#stopWatching = undefined
    this.#before = undefined
  }
}
