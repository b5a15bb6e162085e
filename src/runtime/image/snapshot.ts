import * as v from 'valibot'
import { ScriptError } from '../../errors.ts'
import { checkOptions, invalidOption } from '../../options.ts'
import type { Store } from '../script/store.ts'
import type { Without } from './component-names.ts'
import { captureGame } from './game.ts'
import type { GameImage } from './game-image.ts'
import type { PortableGame } from './game-schema.ts'
import { exportGame, importGame, openGame } from './portable-game.ts'
import { snapshotArraysOf } from './snapshot-arrays.ts'

/** The content of a snapshot: an image of a runtime's game, or a decoded file. */
type Holding =
  | { readonly store: Store; readonly image: GameImage }
  | { readonly file: PortableGame; readonly bytes: Uint8Array<ArrayBuffer> }

/** Options of `Snapshot.toBytes`. */
export interface SnapshotBytesOptions {
  /**
   * What the bytes leave out: components and relations, as objects or by the names that `create` gave them; `'unnamed'` for all
   * that `create` did not name. After a restore no entity has them.
   * @default []
   */
  readonly without?: Without
}

const bytesOptions = v.strictObject(
  { without: v.optional(v.custom<Without>((given) => given === 'unnamed' || Array.isArray(given), "'unnamed' or a list of components")) },
  'an object of options',
)

const held = new WeakMap<Snapshot, Holding>()

/**
 * A whole game between two ticks, as `runtime.snapshot()` returns it. It can be restored any number of times.
 *
 * @example
 * const saved = runtime.snapshot()
 * await writeFile('game.save', saved.toBytes())
 */
export class Snapshot {
  /** Ticks completed when it was taken. */
  readonly tick: number
  /** Seconds simulated when it was taken. */
  readonly time: number

  private constructor(tick: number, time: number, holding: Holding) {
    this.tick = tick
    this.time = time
    held.set(this, holding)
  }

  /** @internal */
  static of(store: Store, image: GameImage): Snapshot {
    return new Snapshot(image.tick, image.time, { store, image })
  }

  /** @internal */
  static take(store: Store): Snapshot {
    return Snapshot.of(store, captureGame(store, snapshotArraysOf(store)))
  }

  /**
   * Decodes a snapshot that `toBytes` encoded, in this process or another. It can be restored in any runtime with the same
   * components; scripts are matched by name. The bytes may come from anyone: what they hold is checked here and by `restore`,
   * before anything changes. That takes time in proportion to their length.
   *
   * @throws {ScriptError} LoadFailed for bytes that are not a snapshot, and for a truncated or damaged one; StateRejected for a
   * content that is no game
   * @example
   * runtime.restore(Snapshot.fromBytes(await readFile('game.save')))
   */
  static fromBytes(given: Uint8Array | ArrayBuffer): Snapshot {
    const bytes = given instanceof ArrayBuffer ? new Uint8Array(given) : given
    const file = openGame(bytes)
    return new Snapshot(file.tick, file.time, { file, bytes: bytes.slice() })
  }

  /**
   * Encodes the snapshot as bytes with a version and a checksum, for saving to a file.
   *
   * @throws {ScriptError} InvalidOptions if an entity has a component or a relation that is neither in
   * `create({ components, relations })` nor left out, or if a field holds a value that cannot be encoded
   * @example
   * await writeFile('game.save', runtime.snapshot().toBytes({ without: [Sprite] }))
   */
  toBytes(options: SnapshotBytesOptions = {}): Uint8Array<ArrayBuffer> {
    checkOptions(bytesOptions, options, 'toBytes')
    const { without = [] } = options
    const holding = held.get(this) as Holding
    if (!('file' in holding)) return exportGame(holding.store, holding.image, without)
    if (without !== 'unnamed' && without.length > 0)
      invalidOption('a snapshot from bytes has them as they are: leave components out when it is first encoded')
    return holding.bytes.slice()
  }
}

/** Returns the image of a snapshot. Throws `InvalidOptions` for another value, `StateRejected` for a snapshot of another game. */
export function imageOf(store: Store, snapshot: Snapshot): GameImage {
  const holding = held.get(snapshot)
  if (holding !== undefined && 'file' in holding) return importGame(store, holding.file)
  if (holding?.store === store) return holding.image
  throw new ScriptError('InvalidOptions', 'restore must be given what snapshot() of the same runtime returned, or Snapshot.fromBytes()')
}
