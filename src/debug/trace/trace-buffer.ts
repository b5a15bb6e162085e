import { PAGE_BYTES } from '../../abi/types.ts'
import type { Allocation, Reserve } from '../../ecs/components/reserve.ts'
import { TRACE_HEADER, TRACE_WORD } from '../../wasm/rewrite/trace/trace-memory.ts'
import type { TraceWindow } from './trace-request.ts'

type Word = keyof typeof TRACE_WORD

const WORD_BYTES = 4
/** The largest record: a header and the locals. */
const MAX_RECORD = 1024

/** The part of a memory that a trace is written to. */
export class TraceBuffer {
  readonly memory: WebAssembly.Memory
  readonly address: number
  readonly #bytes: number
  readonly #reserve: Reserve | undefined
  readonly #allocation: Allocation | undefined
  readonly #words: Int32Array

  /** Allocates it in a reserve, or as a memory of its own if there is none. Throws `OutOfMemory` from `refuse` if there is no room. */
  constructor(reserve: Reserve | undefined, bytes: number, refuse: () => never) {
    this.#reserve = reserve
    this.#bytes = bytes
    this.#allocation = reserve?.allocate(bytes)
    if (reserve !== undefined && this.#allocation === undefined) refuse()
    this.memory = reserve?.memory ?? new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) })
    this.address = this.#allocation?.address ?? 0
    this.#words = new Int32Array(this.memory.buffer, this.address, TRACE_HEADER / WORD_BYTES)
  }

  get(word: Word): number {
    return this.#words[TRACE_WORD[word] / WORD_BYTES] as number
  }

  set(word: Word, value: number): void {
    this.#words[TRACE_WORD[word] / WORD_BYTES] = value
  }

  /** Begins a trace. */
  begin({ entity, target, from, count }: TraceWindow): void {
    this.#words.fill(0)
    this.set('position', this.address + TRACE_HEADER)
    this.set('from', from)
    this.set('length', count)
    this.set('limit', this.address + this.#bytes - MAX_RECORD)
    this.set('entity', entity)
    this.set('target', target)
  }

  /** Writes a record of words, unless the code that runs leaves none. */
  record(...words: readonly number[]): void {
    if (this.get('muted') !== 0) return
    const count = this.get('count') >>> 0
    const position = this.get('position') >>> 0
    if ((count - this.get('from')) >>> 0 < this.get('length') >>> 0 && position < this.get('limit') >>> 0) {
      const target = new Int32Array(this.memory.buffer, position, words.length)
      target.set(words)
      this.set('position', position + words.length * WORD_BYTES)
    }
    this.set('count', count + 1)
  }

  /** Returns a copy of the records. */
  records(): Uint8Array<ArrayBuffer> {
    const start = this.address + TRACE_HEADER
    return new Uint8Array(this.memory.buffer).slice(start, this.get('position') >>> 0) as Uint8Array<ArrayBuffer>
  }

  dispose(): void {
    if (this.#allocation !== undefined) this.#reserve?.free(this.#allocation)
  }
}
