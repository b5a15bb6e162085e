import type { Batch } from './batch.ts'
import { type EntityGroups, FULL_GROUP } from './entity-groups.ts'

/** What the byte of a group is compared with, if none counts as full. */
const NEVER_FULL = 256
/** The places of the words, behind those of a list. */
const WORD = { groups: 3, group: 4, groupEnd: 5, full: 6, entity: 7, left: 8 } as const

/** Groups by their number, from the first to before the last. */
export interface GroupRange {
  readonly from: number
  readonly to: number
}

/** The state of a script's loop over groups of entities: the words of a batch that come after those of its loop over a list. */
export class GroupBatch {
  readonly #batch: Batch

  constructor(batch: Batch) {
    this.#batch = batch
  }

  /** Begins a loop over a range of groups, the first entity of which is given. With `isMasked`, groups of four entities are run like the others. */
  start({ address }: Pick<EntityGroups, 'address'>, range: GroupRange, first: number, isMasked: boolean): void {
    const { words } = this.#batch
    words[WORD.groups] = address
    words[WORD.group] = range.from
    words[WORD.groupEnd] = range.to
    words[WORD.full] = isMasked ? NEVER_FULL : FULL_GROUP
    words[WORD.entity] = first
    words[WORD.left] = 0
    this.#batch.isInterrupted = false
  }

  /** The group before which all of the range are done. */
  get group(): number {
    return this.#batch.words[WORD.group] as number
  }

  /** Whether all groups of the range are done. */
  get isDone(): boolean {
    return this.group >= (this.#batch.words[WORD.groupEnd] as number)
  }

  /** If not all groups are done, the entity below which all are. If the script trapped, the entity that it ran on. */
  get entity(): number {
    return this.#batch.words[WORD.entity] as number
  }

  /** The groups whose entities were run one by one. */
  get left(): number {
    return this.#batch.words[WORD.left] as number
  }
}
