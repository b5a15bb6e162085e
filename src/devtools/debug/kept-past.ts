import type { WasmScriptRuntime } from '../../index.ts'
import { type OpenedPast, openPast } from './opened-past.ts'
import type { MarkKind } from './tick-marks.ts'

/** The ticks of the past that are kept. */
export interface KeptTicks {
  readonly first: number
  readonly last: number
  /** The bytes that they take. */
  readonly bytes: number
}

/** The past of a game while somebody wants it: nothing is kept before it is opened, and nothing after it is closed. */
export class KeptPast {
  readonly #runtime: WasmScriptRuntime
  readonly #options: { readonly seconds?: number; readonly bytes?: number }
  #opening: Promise<void> | undefined
  #opened: OpenedPast | undefined
  /** Increases with every close, so that one that is being opened ends. */
  #turn = 0

  constructor(runtime: WasmScriptRuntime, options: { readonly seconds?: number; readonly bytes?: number }) {
    this.#runtime = runtime
    this.#options = options
  }

  /** What was opened; `undefined` while nothing is kept. */
  get opened(): OpenedPast | undefined {
    return this.#opened
  }

  /** `undefined` if nothing is kept, or no tick yet. */
  get ticks(): KeptTicks | undefined {
    const past = this.#opened?.past
    if (past === undefined || past.first > past.last) return undefined
    return { first: past.first, last: past.last, bytes: past.bytes }
  }

  /** What happened in the ticks that are kept. */
  get marks(): ReadonlyMap<number, ReadonlySet<MarkKind>> {
    const first = this.#opened?.past.first
    if (first !== undefined) this.#opened?.marks.dropBefore(first)
    return this.#opened?.marks.all ?? new Map()
  }

  /** Starts to keep the past, and awaits `onOpen` then. If either fails, rejects and keeps nothing. Does nothing if it is open. */
  open(onOpen: () => Promise<void>): Promise<void> {
    this.#opening ??= this.#start(onOpen)
    return this.#opening
  }

  async #start(onOpen: () => Promise<void>): Promise<void> {
    const turn = this.#turn
    try {
      const opened = await openPast(this.#runtime, this.#options)
      if (turn !== this.#turn) {
        opened.end()
        return
      }
      this.#opened = opened
      await onOpen()
    } catch (error) {
      if (turn === this.#turn) this.close()
      throw error
    }
  }

  /** Drops the past. */
  close(): void {
    const opened = this.#opened
    this.#turn++
    this.#opened = undefined
    this.#opening = undefined
    opened?.end()
  }
}
