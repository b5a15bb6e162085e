import { type FSWatcher, watch } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { ScriptError } from '../index.ts'

/** The callbacks of a {@link FolderWatcher}. */
export interface FolderEvents {
  /** Called when a file was added, or may have changed. */
  readonly changed: (file: string) => void
  /** Called when a file was removed. Not called for a file that an editor removes and creates again at once. */
  readonly removed: (file: string) => void
}

/** Milliseconds after which a missing file counts as removed. */
const ABSENCE = 100

/**
 * Watches the files in folders. It watches the folders rather than the files, and so notices a file that an editor replaces
 * by renaming another.
 */
export class FolderWatcher {
  readonly #events: FolderEvents
  readonly #watchers = new Map<string, FSWatcher>()
  /** Missing files that do not count as removed yet. */
  readonly #absent = new Set<string>()
  #closed = false

  constructor(events: FolderEvents) {
    this.#events = events
  }

  /** Watches a folder. Does nothing if it is already watched. Throws `LoadFailed`. */
  add(folder: string): void {
    if (this.#watchers.has(folder) || this.#closed) return
    try {
      const watcher = watch(folder, (_, name) => {
        if (name !== null) void this.#inspect(join(folder, name))
      })
      // The folder was removed, or can no longer be read.
      watcher.on('error', () => {
        watcher.close()
        this.#watchers.delete(folder)
      })
      this.#watchers.set(folder, watcher)
    } catch (cause) {
      throw new ScriptError('LoadFailed', `the folder ${folder} cannot be watched`, { cause })
    }
  }

  /** Stops watching. Further calls do nothing. */
  close(): void {
    this.#closed = true
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
  }

  async #inspect(file: string): Promise<void> {
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
