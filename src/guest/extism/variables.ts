import { ScriptError } from '../../errors.ts'

/** The variables of a plugin, which stay from call to call, within a number of bytes. */
export class Variables {
  readonly #limit: number
  #values = new Map<string, Uint8Array<ArrayBuffer>>()

  constructor(limit: number) {
    this.#limit = limit
  }

  /** The variables by name. Their bytes are never written to. */
  get all(): ReadonlyMap<string, Uint8Array<ArrayBuffer>> {
    return this.#values
  }

  /** Sets a variable, or removes it if there is no value. Throws `OutOfMemory`. */
  set(name: string, value: Uint8Array<ArrayBuffer> | undefined): void {
    if (value === undefined) {
      this.#values.delete(name)
      return
    }
    let size = value.length + name.length
    for (const [other, bytes] of this.#values) if (other !== name) size += bytes.length + other.length
    if (size > this.#limit) {
      throw new ScriptError(
        'OutOfMemory',
        `the variables of the plugin would have ${size} bytes, the limit is ${this.#limit} (limits.jsonBytes)`,
      )
    }
    this.#values.set(name, value)
  }

  /** Replaces all variables. */
  replace(values: Iterable<readonly [string, Uint8Array<ArrayBuffer>]>): void {
    this.#values = new Map(values)
  }
}
