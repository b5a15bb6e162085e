import { describeThrown, ScriptError } from '../../errors.ts'
import { writeJson } from '../../json.ts'
import type { JobDelivery, JobInput } from '../api/job.ts'

/** An item of the input: bytes, or a value as JSON text. */
export type JobItem = Uint8Array | string

/** Returns the bytes that an item takes where it is passed. */
export function sizeOf(item: JobItem): number {
  if (typeof item !== 'string') return item.length
  // Encoding a text takes longer than to look at it.
  let bytes = item.length
  for (let at = 0; at < item.length; at++) {
    const unit = item.charCodeAt(at)
    // Two units of a pair have four bytes.
    if (unit > 0x7f) bytes += unit <= 0x7ff || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2
  }
  return bytes
}

/** Reads the input of a job: no item is asked for while `isFull` says that those that wait are enough. */
export class JobSource {
  readonly #iterator: Iterator<unknown> | AsyncIterator<unknown>
  readonly #isAsync: boolean
  readonly #isFull: (items: number, bytes: number) => boolean
  #arrived: JobItem[] = []
  #bytes = 0
  #kind: 'json' | 'bytes' | undefined
  #count = 0
  #isPulling = false
  #isStopped = false
  #isOver = false
  #error: JobDelivery['error'] = null
  #cause: unknown
  #pulled: Promise<void> = Promise.resolve()

  /** `isFull` is passed the items that have arrived, and their bytes. */
  constructor(input: JobInput, kind: 'json' | 'bytes' | undefined, isFull: (items: number, bytes: number) => boolean) {
    const { [Symbol.asyncIterator]: asynchronous } = input as Partial<AsyncIterable<unknown>>
    this.#isAsync = typeof asynchronous === 'function'
    this.#iterator = this.#isAsync
      ? (input as AsyncIterable<unknown>)[Symbol.asyncIterator]()
      : (input as Iterable<unknown>)[Symbol.iterator]()
    this.#kind = kind
    this.#isFull = isFull
  }

  /** What the input threw, if it failed. */
  get cause(): unknown {
    return this.#cause
  }

  /** Whether an item has been asked for that has not come. */
  get isPulling(): boolean {
    return this.#isPulling
  }

  /** Resolves when all items that were asked for have come. */
  get pulled(): Promise<void> {
    return this.#pulled
  }

  /** Begins to read what an asynchronous input can give before the next tick. The input's own code runs later. */
  prefetch(): void {
    if (!this.#isAsync || !this.#wants()) return
    this.#isPulling = true
    this.#pulled = this.#pullLater()
  }

  /** Returns what came since the last call. A synchronous input is read now. */
  take(): Omit<JobDelivery, 'taken'> {
    if (!this.#isAsync && !this.#isPulling) this.#pullNow()
    const items = this.#arrived
    this.#arrived = []
    this.#bytes = 0
    return { items, isOver: this.#isOver, error: this.#error }
  }

  /** Ends the reading. The input is closed, as by leaving a loop. */
  stop(): void {
    if (this.#isStopped) return
    this.#isStopped = true
    if (this.#isOver) return
    // An error of closing the input does not concern the job, which has ended.
    try {
      Promise.resolve(this.#iterator.return?.()).catch(ignore)
    } catch {}
  }

  #wants(): boolean {
    return !this.#isPulling && this.#goesOn()
  }

  #pullNow(): void {
    if (!this.#wants()) return
    // An input may use the runtime, which may come back here.
    this.#isPulling = true
    try {
      while (this.#goesOn()) this.#accept((this.#iterator as Iterator<unknown>).next())
    } catch (cause) {
      this.#fail(cause)
    } finally {
      this.#isPulling = false
    }
  }

  async #pullLater(): Promise<void> {
    await undefined
    try {
      while (this.#goesOn()) this.#accept(await this.#iterator.next())
    } catch (cause) {
      this.#fail(cause)
    } finally {
      this.#isPulling = false
    }
  }

  #goesOn(): boolean {
    return !this.#isStopped && !this.#isOver && this.#error === null && !this.#isFull(this.#arrived.length, this.#bytes)
  }

  #accept({ done, value }: IteratorResult<unknown>): void {
    if (done === true) {
      this.#isOver = true
      return
    }
    const item = this.#itemOf(value)
    if (item instanceof ScriptError) {
      this.#error = [item.code, item.detail]
      this.#cause = item.cause
      this.stop()
      return
    }
    this.#arrived.push(item)
    this.#bytes += sizeOf(item)
    this.#count++
  }

  /** Returns an item as it is passed, or what is wrong with it. */
  #itemOf(value: unknown): JobItem | ScriptError {
    const kind = value instanceof Uint8Array ? 'bytes' : 'json'
    this.#kind ??= kind
    if (kind !== this.#kind) {
      const wanted = this.#kind === 'bytes' ? 'a Uint8Array' : 'a value of JSON'
      return new ScriptError('InvalidOptions', `item ${this.#count} of the input must be ${wanted}, since those of the job are`)
    }
    // The input may write over its bytes later. A Buffer of Node slices itself without a copy.
    if (value instanceof Uint8Array) return new Uint8Array(value)
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer)
      return new ScriptError('InvalidOptions', `item ${this.#count} of the input must be a Uint8Array to be passed as bytes`)
    try {
      return writeJson(value)
    } catch (cause) {
      return new ScriptError('InvalidJson', `item ${this.#count} of the input cannot be written as JSON`, { cause })
    }
  }

  #fail(cause: unknown): void {
    this.#error = ['HostError', `the input of the job threw ${describeThrown(cause)}`]
    this.#cause = cause
  }
}

function ignore(): void {}
