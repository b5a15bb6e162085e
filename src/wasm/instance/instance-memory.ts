/** The memory of an instance. */
export interface InstanceMemory {
  /** The number of its bytes. */
  readonly size: number
  /** Returns its bytes. They are valid until a script runs again. */
  readonly bytes: () => Uint8Array<ArrayBuffer>
  /** Makes it larger. Throws the engine's error if it cannot be. */
  readonly grow: (pages: number) => void
  /** Puts the instance where it can run; left out for a memory that it has to itself. */
  readonly enter?: () => void
}

/** A memory that the engine made. */
export class EngineMemory implements InstanceMemory {
  readonly #memory: WebAssembly.Memory
  #bytes: Uint8Array<ArrayBuffer>

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory
    this.#bytes = new Uint8Array(memory.buffer as ArrayBuffer)
  }

  get size(): number {
    return this.#memory.buffer.byteLength
  }

  bytes(): Uint8Array<ArrayBuffer> {
    // A memory that grows detaches its buffer.
    if (this.#bytes.length === 0) this.#bytes = new Uint8Array(this.#memory.buffer as ArrayBuffer)
    return this.#bytes
  }

  grow(pages: number): void {
    this.#memory.grow(pages)
  }
}
