import { ScriptError } from '../../errors.ts'
import type { Store } from '../script/store.ts'
import { captureGame } from './game.ts'
import type { GameImage } from './game-image.ts'
import { exportGame, importGame, openGame, type PortableGame } from './portable-game.ts'
import { snapshotArraysOf } from './snapshot-arrays.ts'

/** What a snapshot holds: the image of a runtime's game, or a file's content. */
type Holding =
  | { readonly store: Store; readonly image: GameImage }
  | { readonly file: PortableGame; readonly bytes: Uint8Array<ArrayBuffer> }

const held = new WeakMap<Snapshot, Holding>()

/** A whole game as it was between two ticks. It can be restored any number of times. */
export class Snapshot {
  /** Ticks completed when it was taken. */
  readonly tick: number
  /** Seconds simulated by then. */
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
   * A snapshot that `toBytes` wrote, in this process or another, for any runtime with the same components and scripts of
   * the same names. Throws `LoadFailed` for bytes that are no snapshot, or a cut or damaged one.
   */
  static fromBytes(given: Uint8Array | ArrayBuffer): Snapshot {
    const bytes = given instanceof ArrayBuffer ? new Uint8Array(given) : given
    const file = openGame(bytes)
    return new Snapshot(file.tick, file.time, { file, bytes: bytes.slice() })
  }

  /**
   * The snapshot as bytes, with a version and a checksum: for saving to a file. Throws `InvalidOptions` if an entity has a component that `create({ components })` does not name, or a relation.
   */
  toBytes(): Uint8Array<ArrayBuffer> {
    const holding = held.get(this) as Holding
    return 'file' in holding ? holding.bytes.slice() : exportGame(holding.store, holding.image)
  }
}

/** What a snapshot holds for a game. Throws `InvalidOptions` for what is none of it, `StateRejected` for one of another game. */
export function imageOf(store: Store, snapshot: Snapshot): GameImage {
  const holding = held.get(snapshot)
  if (holding !== undefined && 'file' in holding) return importGame(store, holding.file)
  if (holding?.store === store) return holding.image
  throw new ScriptError('InvalidOptions', 'restore must be given what snapshot() of the same runtime returned, or Snapshot.fromBytes()')
}
