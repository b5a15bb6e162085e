import { ScriptError } from '../errors.ts'
import { type ByteRange, type DecodedModule, exportedFunction } from './types.ts'
import { replaceMemoryLimits } from './writer.ts'

export const PAGE_BYTES = 65_536
/** A memory addressed by i32 has no more pages than this. */
const MOST_PAGES = 65_536

/** The module as it will run, and where the host arena is in its memory. */
export interface ArenaPlan {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Where the arena lies from the start; `undefined` if it is appended when it is first needed. */
  readonly arena: ByteRange | undefined
}

/**
 * Makes room for the host arena in a memory that may not grow far enough by itself.
 *
 * A script without `alloc` is passed text in pages that the runtime appends to its memory. Where the memory has a
 * maximum, both its initial size and its maximum are raised by the arena's: so the arena is there before anything of the
 * script runs, and the script can grow its memory exactly as far as it declared. Where it has none, the arena is appended
 * when it is first needed.
 */
export function planArena(module: DecodedModule, jsonBytes: number): ArenaPlan {
  const exported = module.exports.find((entry) => entry.kind === 'memory' && entry.name === 'memory')
  const memory = exported === undefined ? undefined : module.memories[exported.index]
  if (
    memory?.maximum === undefined ||
    memory.wide ||
    memory.maximum > MOST_PAGES ||
    exportedFunction(module, 'alloc') !== undefined ||
    !takesText(module)
  ) {
    return { bytes: module.bytes, arena: undefined }
  }
  const pages = Math.min(Math.ceil(jsonBytes / PAGE_BYTES), MOST_PAGES - memory.maximum)
  const bytes = replaceMemoryLimits(module, (limits, index) =>
    index === exported?.index && limits.maximum !== undefined
      ? { ...limits, minimum: limits.minimum + pages, maximum: limits.maximum + pages }
      : limits,
  )
  const start = memory.minimum * PAGE_BYTES
  return { bytes, arena: { start, end: start + pages * PAGE_BYTES } }
}

function takesText(module: DecodedModule): boolean {
  return module.exports.some((entry) => entry.kind === 'func' && module.functions[entry.index]?.params.join() === 'i32,i32')
}

/** Pages at the end of a script's memory in which the host passes it text. */
export class HostArena {
  readonly #memory: WebAssembly.Memory
  /** Where the next text goes. Texts that are in use lie below it. */
  #at = 0
  #end = 0
  /** Counts the places that the arena had: where it cannot be extended it moves. */
  #place = 0

  constructor(memory: WebAssembly.Memory, range: ByteRange | undefined) {
    this.#memory = memory
    if (range !== undefined) {
      this.#at = range.start
      this.#end = range.end
    }
  }

  /** Gives `use` the address of room for `length` bytes, which is nobody else's until it returns. Throws `OutOfMemory`. */
  with<Result>(length: number, use: (address: number) => Result): Result {
    const missing = length - (this.#end - this.#at)
    if (missing > 0) this.#append(length, missing)
    const address = this.#at
    const place = this.#place
    this.#at += length
    try {
      return use(address)
    } finally {
      if (this.#place === place) this.#at = address
    }
  }

  /** Appends pages: as many as are missing, if the arena still lies at the end of the memory, or room for all. */
  #append(length: number, missing: number): void {
    const contiguous = this.#end > 0 && this.#end === this.#memory.buffer.byteLength
    const pages = Math.ceil((contiguous ? missing : length) / PAGE_BYTES)
    let before: number
    try {
      before = this.#memory.grow(pages)
    } catch (cause) {
      throw new ScriptError('OutOfMemory', `the memory cannot grow by the ${pages} pages of the host arena`, { cause })
    }
    if (!contiguous) {
      this.#at = before * PAGE_BYTES
      this.#place++
    }
    this.#end = (before + pages) * PAGE_BYTES
  }
}
