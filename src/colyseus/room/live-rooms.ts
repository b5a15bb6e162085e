import type { WasmScriptRuntime } from '../../index.ts'
import type { GameDefinition } from '../game/define-game.ts'
import type { ScriptNotice } from '../sync/room-messages.ts'

/** A room of this process as the cluster sees it. */
export interface ClusterRoom {
  readonly roomId: string
  readonly game: GameDefinition
  readonly runtime: WasmScriptRuntime
  /** Ticks completed, by the room's own count, which never goes back. */
  readonly tick: number
  /**
   * Calls `work` once the tick with this number is completed; at once, between two ticks, if it is already. No tick begins until the promise that it
   * returns is settled.
   */
  afterTick(tick: number, work: () => Promise<void>): void
  /** Tells all clients of the room. */
  tell(notice: ScriptNotice): void
}

/** What follows the rooms of this process: clusters. */
export interface RoomWatcher {
  /** Brings a room up to date before its first tick. */
  enter(room: ClusterRoom): Promise<void>
  leave(room: ClusterRoom): void
}

const rooms = new Set<ClusterRoom>()
const watchers = new Set<RoomWatcher>()

/** The rooms of this process. */
export function liveRooms(): readonly ClusterRoom[] {
  return [...rooms]
}

/**
 * Enters a room: call it when its scripts are loaded and what was kept is restored, and before its first tick. Resolves with the function that removes
 * the room when it ends.
 *
 * @throws {ScriptError} the errors of `reloadModule`, if a script was published that this room cannot load
 */
export async function enterRoom(room: ClusterRoom): Promise<() => void> {
  rooms.add(room)
  const leave = (): void => {
    if (rooms.delete(room)) for (const watcher of watchers) watcher.leave(room)
  }
  try {
    for (const watcher of watchers) await watcher.enter(room)
  } catch (error) {
    leave()
    throw error
  }
  return leave
}

/** Watches the rooms of this process. Returns a function that ends it. */
export function watchRooms(watcher: RoomWatcher): () => void {
  watchers.add(watcher)
  return () => watchers.delete(watcher)
}
