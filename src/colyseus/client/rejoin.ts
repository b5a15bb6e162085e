import { VERSION_REFUSED } from '../sync/hello.ts'
import type { JoinedRoom } from './joined-room.ts'

/** Milliseconds between two attempts: at first, and at most. */
const FIRST_WAIT = 50
const MAX_WAIT = 1000
/** Milliseconds after which an attempt is given up: a process that sleeps accepts a connection, and never answers. */
const MAX_ATTEMPT = 5000

export interface RejoinOptions {
  readonly join: () => Promise<JoinedRoom>
  /** Milliseconds for which it is tried. */
  readonly patience: number
  /** Whether the room is still wanted. */
  readonly isWanted: () => boolean
}

/**
 * Joins a room again that was lost, wherever it runs now. Resolves with `undefined` if it is no longer wanted, or was not found in time. Rejects with the error
 * of {@link RejoinOptions.join} if the room refuses the version of this client.
 */
export async function rejoin({ join, patience, isWanted }: RejoinOptions): Promise<JoinedRoom | undefined> {
  // The clock of the machine may be set meanwhile.
  const until = performance.now() + patience
  for (let wait = FIRST_WAIT; isWanted(); wait = Math.min(2 * wait, MAX_WAIT)) {
    const joined = await attempt(join)
    if (joined !== undefined && isWanted()) return joined
    void joined?.room.leave()
    if (joined !== undefined || performance.now() + wait > until) return undefined
    await new Promise((resolve) => setTimeout(resolve, wait))
  }
  return undefined
}

/** Resolves with `undefined` if the room cannot be joined now. */
async function attempt(join: () => Promise<JoinedRoom>): Promise<JoinedRoom | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  let isLate = false
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => {
      isLate = true
      resolve(undefined)
    }, MAX_ATTEMPT)
  })
  const joining = join()
  // Its seat is that of the attempt after it.
  joining.then(({ room }) => isLate && void room.leave(false)).catch(() => undefined)
  try {
    return await Promise.race([joining, late])
  } catch (error) {
    const { cause } = error as { readonly cause?: { readonly code?: number } }
    if (cause?.code === VERSION_REFUSED) throw error
    return undefined
  } finally {
    clearTimeout(timer)
  }
}
