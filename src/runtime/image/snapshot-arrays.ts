import { ArrayCopy, type ArrayImage, type ArrayKeeper, COPIES } from '../../array-image.ts'
import { sameIntegers } from '../../bytes.ts'
import type { Store } from '../script/store.ts'

const keepers = new WeakMap<Store, ArrayKeeper>()

/** Returns the keeper that stores the arrays of a runtime's snapshots. */
export function snapshotArraysOf(store: Store): ArrayKeeper {
  const keeper = keepers.get(store) ?? new SnapshotArrays()
  keepers.set(store, keeper)
  return keeper
}

/** Copies arrays, but shares a list of integers with the previous snapshot if it is the same: comparing is faster than copying. */
class SnapshotArrays implements ArrayKeeper {
  readonly keep: ArrayKeeper['keep'] = COPIES.keep
  readonly #latest = new Map<string, WeakRef<ArrayCopy<Uint32Array>>>()

  keepIntegers(path: string, list: ArrayLike<number>): ArrayImage<Uint32Array> {
    const before = this.#latest.get(path)?.deref()
    if (before !== undefined && sameIntegers(list, before.read())) return before
    const copy = new ArrayCopy(new Uint32Array(list))
    this.#latest.set(path, new WeakRef(copy))
    return copy
  }
}
