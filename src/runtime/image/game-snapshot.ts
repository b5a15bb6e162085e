import * as v from 'valibot'
import { ScriptError } from '../../errors.ts'
import { checkOptions, invalidOption } from '../../options.ts'
import { recordInput } from '../api/input-log.ts'
import type { RestoreReport } from '../api/reports.ts'
import type { Store } from '../script/store.ts'
import type { Without } from './component-names.ts'
import { exportGame } from './export-game.ts'
import { captureGame, restoreGame } from './game.ts'
import type { GameImage } from './game-image.ts'
import { snapshotArraysOf } from './snapshot-arrays.ts'

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

/** The content of a snapshot: an image of a runtime's game, or a decoded file, which becomes an image of the runtime that it is restored in. */
type Content =
  | { readonly store: Store; readonly image: GameImage }
  | { readonly bytes: Uint8Array<ArrayBuffer>; readonly imageFor: (store: Store) => GameImage }

const contents = new WeakMap<object, Content>()

/** What snapshots are instances of. `Snapshot` documents it. */
export class GameSnapshot {
  readonly tick: number
  readonly time: number

  constructor({ tick, time }: { readonly tick: number; readonly time: number }, content: Content) {
    this.tick = tick
    this.time = time
    contents.set(this, content)
  }

  toBytes(options: SnapshotBytesOptions = {}): Uint8Array<ArrayBuffer> {
    checkOptions(bytesOptions, options, 'toBytes')
    const { without = [] } = options
    const content = contents.get(this) as Content
    if ('image' in content) return exportGame(content.store, content.image, without)
    if (without !== 'unnamed' && without.length > 0)
      invalidOption('a snapshot from bytes has them as they are: leave components out when it is first encoded')
    return content.bytes.slice()
  }
}

/** Returns a snapshot of a game. */
export function takeSnapshot(store: Store): GameSnapshot {
  return snapshotOf(store, captureGame(store, snapshotArraysOf(store)))
}

/** Restores a game to a snapshot, and ends all probations. Throws `InvalidOptions`, `StateRejected`, before anything changes. */
export function restoreSnapshot(store: Store, snapshot: GameSnapshot): RestoreReport {
  const image = imageOf(store, snapshot)
  recordInput(store, () => ({ kind: 'restore', snapshot: snapshot.toBytes({ without: 'unnamed' }) }))
  // The ticks that a probation was to check are undone.
  for (const script of store.scripts) store.probations?.end(store, script)
  return restoreGame(store, image)
}

/** Returns an image of a game as a snapshot. */
export function snapshotOf(store: Store, image: GameImage): GameSnapshot {
  return new GameSnapshot(image, { store, image })
}

/** Returns the image of a snapshot. Throws `InvalidOptions` for another value, `StateRejected` for a snapshot of another game. */
export function imageOf(store: Store, snapshot: object): GameImage {
  const content = contents.get(snapshot)
  if (content !== undefined && 'imageFor' in content) return content.imageFor(store)
  if (content?.store === store) return content.image
  throw new ScriptError('InvalidOptions', 'restore must be given what snapshot() of the same runtime returned, or Snapshot.fromBytes()')
}
