import { ScriptError } from '../../errors.ts'
import type { GuestInstance, Program } from '../../guest/guest.ts'
import type { Running } from './generation.ts'

/*
 * The pages of memory that the instances of one generation have together. What is left is always the limit less the pages of its
 * instances, so that a restored game has as much as the game that was saved.
 */

/** Creates an instance and counts its pages. Throws `OutOfMemory` if too few are left. */
export function makeCounted(program: Program): GuestInstance {
  const { room, instancePages } = program
  if (instancePages > room.left) {
    const detail = `an instance needs ${instancePages} pages of memory, and the instances of the script may have ${room.total} together`
    throw new ScriptError('OutOfMemory', `${detail}, of which ${Math.max(0, room.left)} are left (limits.totalMemoryPages)`)
  }
  const instance = program.instantiate()
  room.left -= instance.pages
  return instance
}

/** Gives back the pages of an instance that is dropped. */
export function releasePages({ room }: Program, instance: GuestInstance | undefined): void {
  room.left += instance?.pages ?? 0
}

/** Counts the pages of all instances of a script anew, after something other than a run or {@link makeCounted} changed them. */
export function countPages({ generation, instance, entityInstances }: Running): void {
  const { room } = generation.program
  let used = instance.pages
  for (const each of entityInstances.values()) used += each.pages
  room.left = room.total - used
}
