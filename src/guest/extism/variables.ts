import { PAGE_BYTES } from '../../abi/types.ts'
import { ScriptError } from '../../errors.ts'
import { ANY_PAGES } from '../../wasm/rewrite/sections.ts'
import type { GrowingMemory } from '../instance-meter.ts'

/** Bytes that each variable counts beside its name and its value, for the objects that hold them. */
const VARIABLE_BYTES = 128

/**
 * The variables of a plugin, which stay from call to call, within a number of bytes. They are counted as memory of the plugin,
 * in whole pages.
 */
export class Variables implements GrowingMemory {
  readonly #limit: number
  /** The pages that they may take. */
  readonly pages: { value: number } = { value: ANY_PAGES }
  #values = new Map<string, Uint8Array<ArrayBuffer>>()
  #bytes = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** The variables by name. Their bytes are never written to. */
  get all(): ReadonlyMap<string, Uint8Array<ArrayBuffer>> {
    return this.#values
  }

  /** The pages that they take. */
  readonly size = (): number => Math.ceil(this.#bytes / PAGE_BYTES)

  /** Sets a variable, or removes it if there is no value. Throws `OutOfMemory`. */
  set(name: string, value: Uint8Array<ArrayBuffer> | undefined): void {
    const old = this.#values.get(name)
    const bytes = this.#bytes - bytesOf(name, old) + bytesOf(name, value)
    if (value !== undefined) this.#check(bytes)
    this.#bytes = bytes
    if (value === undefined) this.#values.delete(name)
    else this.#values.set(name, value)
  }

  /** Replaces all variables. Throws `OutOfMemory`, and then changes nothing. */
  replace(values: Iterable<readonly [string, Uint8Array<ArrayBuffer>]>): void {
    const all = new Map(values)
    let bytes = 0
    for (const [name, value] of all) bytes += bytesOf(name, value)
    this.#check(bytes)
    this.#values = all
    this.#bytes = bytes
  }

  #check(bytes: number): void {
    const what = `the variables of the plugin would have ${bytes} bytes, with ${VARIABLE_BYTES} for each`
    if (bytes > this.#limit) throw new ScriptError('OutOfMemory', `${what}, the limit is ${this.#limit} (limits.jsonBytes)`)
    if (Math.ceil(bytes / PAGE_BYTES) > this.pages.value) {
      throw new ScriptError(
        'OutOfMemory',
        `${what}, and the instances of the plugin have no more memory together (limits.totalMemoryPages)`,
      )
    }
  }
}

function bytesOf(name: string, value: Uint8Array | undefined): number {
  return value === undefined ? 0 : value.length + name.length + VARIABLE_BYTES
}
