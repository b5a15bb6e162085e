import { type FSWatcher, watch } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { ScriptError } from '../index.ts'

export interface FolderEvents {
  /** A file is there, and may have another content than before. */
  readonly changed: (file: string) => void
  /** A file is gone, and did not come back at once, as one that an editor replaces does. */
  readonly removed: (file: string) => void
}

/** Milliseconds in which a file that went may come back. */
const ABSENCE = 100

/**
 * Watches the files of folders, by what the system tells of each folder: a file that goes and comes back is seen however
 * often it does so.
 */
export class FolderWatcher {
  readonly #events: FolderEvents
  readonly #watchers = new Map<string, FSWatcher>()
  /** Files that went, and may come back yet. */
  readonly #absent = new Set<string>()
  #closed = false

  constructor(events: FolderEvents) {
    this.#events = events
  }

  /** Watches one more folder; one that is watched already stays so. Throws `LoadFailed`. */
  add(folder: string): void {
    if (this.#watchers.has(folder) || this.#closed) return
    try {
      const watcher = watch(folder, (_, name) => {
        if (name !== null) void this.#look(join(folder, name))
      })
      // The folder is gone, or can no longer be read.
      watcher.on('error', () => {
        watcher.close()
        this.#watchers.delete(folder)
      })
      this.#watchers.set(folder, watcher)
    } catch (cause) {
      throw new ScriptError('LoadFailed', `the folder ${folder} cannot be watched`, { cause })
    }
  }

  /** Stops watching. May be called again. */
  close(): void {
    this.#closed = true
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
  }

  async #look(file: string): Promise<void> {
    if (await isFile(file)) {
      this.#absent.delete(file)
      if (!this.#closed) this.#events.changed(file)
      return
    }
    if (this.#absent.has(file)) return
    this.#absent.add(file)
    await wait(ABSENCE, undefined, { ref: false })
    const isGone = !(await isFile(file))
    if (this.#absent.delete(file) && isGone && !this.#closed) this.#events.removed(file)
  }
}

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isFile(),
    () => false,
  )
}
