import { GameSnapshot, type SnapshotBytesOptions } from './game-snapshot.ts'
import { importGame, openGame } from './import-game.ts'

/**
 * A whole game between two ticks, as `runtime.snapshot()` returns it. It can be restored any number of times.
 *
 * @example
 * const saved = runtime.snapshot()
 * await writeFile('game.save', saved.toBytes())
 */
export interface Snapshot {
  /** Ticks completed when it was taken. */
  readonly tick: number
  /** Seconds simulated when it was taken. */
  readonly time: number

  /**
   * Encodes the snapshot as bytes with a version and a checksum, for saving to a file.
   *
   * @throws {ScriptError} InvalidOptions if an entity has a component or a relation that is neither in
   * `create({ components, relations })` nor left out, or if a field holds a value that cannot be encoded
   * @example
   * await writeFile('game.save', runtime.snapshot().toBytes({ without: [Sprite] }))
   */
  toBytes(options?: SnapshotBytesOptions): Uint8Array<ArrayBuffer>
}

/** A page that does not use it, since it decodes no snapshots, does not download what checks them: it is no class with a static method. */
export const Snapshot: {
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
  fromBytes(bytes: Uint8Array | ArrayBuffer): Snapshot
} & (abstract new (
  ...parts: never
) => Snapshot) = /* @__PURE__ */ Object.assign(GameSnapshot, {
  fromBytes(given: Uint8Array | ArrayBuffer): Snapshot {
    const bytes = given instanceof ArrayBuffer ? new Uint8Array(given) : given
    const file = openGame(bytes)
    return new GameSnapshot(file, { bytes: new Uint8Array(bytes), imageFor: (store) => importGame(store, file) })
  },
})
