import { PAGE_BYTES } from '../../abi/types.ts'
import { ScriptError } from '../../errors.ts'
import type { GuestInstance, Program } from '../../guest/guest.ts'
import type { Running } from './generation.ts'

/*
 * The pages of memory that the instances of one generation have together. What is left is always the limit less the pages of its
 * instances, so that a restored game has as much as the game that was saved.
 */

/** Creates an instance and counts it. Throws `OutOfMemory` if there is no room for it. */
export function makeCounted(program: Program): GuestInstance {
  const { room, instancePages, instanceBytes } = program
  if (instancePages > room.left) {
    const detail = `an instance needs ${instancePages} pages of memory, and the instances of the script may have ${room.total} together`
    throw new ScriptError('OutOfMemory', `${detail}, of which ${Math.max(0, room.left)} are left (limits.totalMemoryPages)`)
  }
  // Instances take space even if they have no memory.
  if (room.instances > 0 && (room.instances + 1) * instanceBytes > room.total * PAGE_BYTES) {
    const detail = `the script has ${room.instances} instances, and each takes up to ${instanceBytes} bytes beside its memory`
    throw new ScriptError('OutOfMemory', `${detail}, all together at most ${room.total} pages (limits.totalMemoryPages)`)
  }
  const instance = program.instantiate()
  room.left -= instance.pages
  room.instances++
  return instance
}

/** Releases the pages of an instance that is dropped. */
export function releasePages({ room }: Program, instance: GuestInstance | undefined): void {
  if (instance === undefined) return
  room.left += instance.pages
  room.instances--
}

/** Counts all instances of a script anew, after something other than a run or {@link makeCounted} changed them. */
export function countPages({ generation, instance, entityInstances, jobInstances }: Running): void {
  const { room } = generation.program
  let used = instance.pages
  for (const each of [...entityInstances.values(), ...jobInstances]) used += each.pages
  room.left = room.total - used
  room.instances = 1 + entityInstances.size + jobInstances.size
}
