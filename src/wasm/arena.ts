import { ScriptError } from '../errors.ts'
import { type DecodedModule, exportedFunction } from './types.ts'
import { replaceMemoryLimits } from './writer.ts'

export const PAGE_BYTES = 65_536
/** A memory addressed by i32 has no more pages than this. */
const MOST_PAGES = 65_536

/** The module as it will run, and the pages that its memory must get for the host arena before it runs. */
export interface ArenaPlan {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly pages: number
}

/**
 * Makes room for the host arena in a memory that may not grow far enough by itself.
 *
 * A script without `alloc` is passed text in pages that the runtime appends to its memory. Where the memory has a
 * maximum, that maximum is raised by the arena's size, and the arena takes its pages before the script runs: so the
 * script can grow its memory exactly as far as it declared. Where it has none, the arena is appended when first needed.
 */
export function planArena(module: DecodedModule, jsonBytes: number): ArenaPlan {
  const exported = module.exports.find((entry) => entry.kind === 'memory' && entry.name === 'memory')
  const memory = exported === undefined ? undefined : module.memories[exported.index]
  if (memory?.maximum === undefined || exportedFunction(module, 'alloc') !== undefined || !takesText(module)) {
    return { bytes: module.bytes, pages: 0 }
  }
  const pages = Math.ceil(jsonBytes / PAGE_BYTES)
  const bytes = replaceMemoryLimits(module, (limits, index) =>
    index === exported?.index && limits.maximum !== undefined
      ? { ...limits, maximum: Math.min(MOST_PAGES, limits.maximum + pages) }
      : limits,
  )
  return { bytes, pages }
}

function takesText(module: DecodedModule): boolean {
  return module.exports.some((entry) => entry.kind === 'func' && module.functions[entry.index]?.params.join() === 'i32,i32')
}

/** Pages at the end of a script's memory in which the host passes it text. */
export class HostArena {
  readonly #memory: WebAssembly.Memory
  #start = 0
  #end = 0

  constructor(memory: WebAssembly.Memory, pages: number) {
    this.#memory = memory
    if (pages > 0) this.#append(pages)
  }

  /** The address of room for `length` bytes, good until the next call. Throws `OutOfMemory`. */
  reserve(length: number): number {
    const missing = length - (this.#end - this.#start)
    if (missing > 0) {
      const contiguous = this.#end === this.#memory.buffer.byteLength && this.#end > 0
      this.#append(Math.ceil((contiguous ? missing : length) / PAGE_BYTES), contiguous)
    }
    return this.#start
  }

  #append(pages: number, contiguous = false): void {
    let before: number
    try {
      before = this.#memory.grow(pages)
    } catch (cause) {
      throw new ScriptError('OutOfMemory', `the memory cannot grow by the ${pages} pages of the host arena`, { cause })
    }
    if (!contiguous) this.#start = before * PAGE_BYTES
    this.#end = (before + pages) * PAGE_BYTES
  }
}
