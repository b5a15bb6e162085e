import { EXPORT } from '../../abi/exports.ts'
import { MEMORY_BYTES_SHIFT } from '../../abi/prices.ts'
import type { TextBoundary } from '../../wasm/instance/text-boundary.ts'
import type { StateVersions } from '../guest.ts'

/** What a {@link StateBlock} needs of its instance. */
interface BlockParts {
  readonly text: TextBoundary
  /** Runs code of the instance. Throws the error that ends it. */
  readonly run: <Result>(call: () => Result) => Result
  /** Charges the script units of fuel. */
  readonly charge: (units: number) => void
}

type Migrate = (version: number, pointer: number, length: number) => void

/** The block of memory that is the whole state of an instance. Its exports `state` and `state_size` say where it is. */
export class StateBlock {
  readonly #address: () => number
  readonly #size: () => number
  readonly #migrate: Migrate | undefined
  readonly #parts: BlockParts

  private constructor(address: () => number, size: () => number, migrate: Migrate | undefined, parts: BlockParts) {
    this.#address = address
    this.#size = size
    this.#migrate = migrate
    this.#parts = parts
  }

  /** Returns the block of an instance; `undefined` if it does not export both. */
  static in(exports: WebAssembly.Exports, parts: BlockParts): StateBlock | undefined {
    const [state, size, migrate] = [exports[EXPORT.state], exports[EXPORT.stateSize], exports[EXPORT.migrateState]]
    if (state === undefined || size === undefined) return undefined
    const number = (value: WebAssembly.ExportValue) => (): number =>
      (value instanceof WebAssembly.Global ? value.value : parts.run(value as () => number)) >>> 0
    return new StateBlock(number(state), number(size), migrate as Migrate | undefined, parts)
  }

  /** Returns a copy of the block. Throws `InvalidPointer` if it is not inside the memory. */
  read(): Uint8Array {
    const size = this.#size()
    this.#parts.charge(size >> MEMORY_BYTES_SHIFT)
    return this.#parts.text.readBytes(this.#address(), size)
  }

  /** Returns why the block of other code does not fit here; `undefined` if it fits or can be converted. */
  mismatch(bytes: Uint8Array, { saved, own }: StateVersions): string | undefined {
    if (this.#migrate !== undefined) return undefined
    if (saved !== own) return `it is of state_version ${saved}, and the new code of ${own}`
    const size = this.#size()
    return size === bytes.length ? undefined : `it has ${bytes.length} bytes, and that of the new code ${size}`
  }

  /** Writes the block of other code over this one, or passes it to `migrate_state`. Returns whether it was written as it is. */
  write(bytes: Uint8Array, { saved, own }: StateVersions): boolean {
    const { text, run, charge } = this.#parts
    const migrate = this.#migrate
    if (migrate === undefined || (saved === own && this.#size() === bytes.length)) {
      charge(bytes.length >> MEMORY_BYTES_SHIFT)
      text.writeBytes(this.#address(), bytes)
      return true
    }
    text.passBytes(bytes, (pointer, length) => run(() => migrate(saved, pointer, length)), ignore)
    return false
  }
}

function ignore(): void {}
