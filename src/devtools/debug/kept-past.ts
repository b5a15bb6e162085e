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
  #opening: Promise<OpenedPast> | undefined
  #opened: OpenedPast | undefined

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

  /** Starts to keep the past, and awaits `onOpen` then. Rejects if the game cannot be kept, or if `onOpen` does. Does nothing if it is open. */
  async open(onOpen: () => Promise<void>): Promise<void> {
    this.#opening ??= openPast(this.#runtime, this.#options)
    const opening = this.#opening
    try {
      const opened = await opening
      // It may have been closed meanwhile.
      if (this.#opening !== opening) opened.end()
      else if (this.#opened !== opened) {
        this.#opened = opened
        await onOpen()
      }
    } catch (error) {
      if (this.#opening === opening) this.#opening = undefined
      throw error
    }
  }

  /** Drops the past. */
  close(): void {
    const opened = this.#opened
    this.#opened = undefined
    this.#opening = undefined
    opened?.end()
  }
}
