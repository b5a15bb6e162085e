import type { ScriptError } from '../../errors.ts'

interface Reader {
  readonly resolve: (result: IteratorResult<unknown, undefined>) => void
  readonly reject: (error: ScriptError) => void
}

const END = { done: true, value: undefined } as const

/** The outputs of a job on their way to whoever iterates it. All iterations of a job share them. */
export class JobOutputs {
  readonly #waiting: unknown[] = []
  readonly #readers: Reader[] = []
  #end: { readonly error: ScriptError | undefined } | undefined
  #taken = 0
  #isRead = false

  /** Whether anyone has asked for an output. */
  get isRead(): boolean {
    return this.#isRead
  }

  push(output: unknown): void {
    const reader = this.#readers.shift()
    if (reader === undefined) this.#waiting.push(output)
    else this.#give(reader, output)
  }

  /** Ends the outputs, with an error or without. Those that wait can still be taken. */
  end(error: ScriptError | undefined): void {
    this.#end = { error }
    for (const reader of this.#readers.splice(0)) this.#finish(reader)
  }

  /** Returns how many outputs were taken since the last call. */
  countTaken(): number {
    const taken = this.#taken
    this.#taken = 0
    return taken
  }

  /** Forgets outputs that a recording says were taken, unless someone reads them in the replay, too. */
  forget(count: number): void {
    if (!this.#isRead) this.#waiting.splice(0, count)
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    this.#isRead = true
    return new Promise((resolve, reject) => {
      const reader: Reader = { resolve, reject }
      if (this.#waiting.length > 0) this.#give(reader, this.#waiting.shift())
      else if (this.#end !== undefined) this.#finish(reader)
      else this.#readers.push(reader)
    })
  }

  #give({ resolve }: Reader, value: unknown): void {
    this.#taken++
    resolve({ done: false, value })
  }

  /** Ends one reader. Only one is passed the error: it ends an iteration once. */
  #finish({ resolve, reject }: Reader): void {
    const error = this.#end?.error
    this.#end = { error: undefined }
    if (error === undefined) resolve(END)
    else reject(error)
  }
}
