import { existsSync, readdirSync, type Stats, statSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { type FSWatcher, watch } from 'chokidar'
import { ScriptError } from '../index.ts'

/** The callbacks of a {@link FolderWatcher}. */
export interface FolderEvents {
  /** Called when a file was added, or may have changed. */
  readonly changed: (file: string) => void
  /** Called when a file was removed. Not called for a file that an editor removes and creates again at once. */
  readonly removed: (file: string) => void
  /** Called when a folder, or a part of it, can no longer be watched. A folder that was removed is watched again once it is back. */
  readonly lost: (folder: string, error: ScriptError) => void
  /** Called when a folder that was removed is back, and is watched again. */
  readonly back?: (folder: string) => void
}

/** Options of a {@link FolderWatcher}. */
export interface FolderWatcherOptions {
  /** Watch the files in subfolders, too, but not in those named `node_modules` and those whose name begins with a dot. @default false */
  readonly deep?: boolean
}

interface WatchedFolder {
  /** Distinguishes the folder from another one that takes its place; `undefined` while there is no folder. */
  readonly identity: string | undefined
  readonly watcher: FSWatcher | undefined
  /** Resolves when changes are noticed. */
  readonly ready: Promise<void>
  /** The versions of the files that its symbolic links lead to. */
  links: ReadonlyMap<string, string>
  /** Whether it has never been there: see {@link FolderWatcher.expect}. */
  readonly isExpected?: boolean
}

/** Milliseconds between two checks of folders and of links to files elsewhere: systems do not report all of their changes. */
const CHECK_EVERY = 1000

/**
 * Watches the files in folders with chokidar. It watches the folders rather than the files, and so notices a file that an editor
 * replaces by renaming another. Beyond chokidar, it follows a folder that is removed and created again or swapped for another one,
 * links whose file is changed elsewhere, and changes between `add` and the start of chokidar.
 */
export class FolderWatcher {
  readonly #events: FolderEvents
  readonly #deep: boolean
  readonly #folders = new Map<string, WatchedFolder>()
  /** What `lost` has been called with. */
  readonly #reported = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(events: FolderEvents, { deep = false }: FolderWatcherOptions = {}) {
    this.#events = events
    this.#deep = deep
  }

  /** Resolves when changes in all folders are noticed. */
  get ready(): Promise<void> {
    return Promise.all([...this.#folders.values()].map(({ ready }) => ready)).then(() => undefined)
  }

  /**
   * Watches a folder. Does nothing if it is already watched, if only by another path. Throws `LoadFailed` if there is no such
   * folder, or it cannot be read.
   */
  add(folder: string): void {
    if (this.#folders.has(folder) || this.#closed) return
    let identity: string | undefined
    let versions: ReadonlyMap<string, string>
    try {
      identity = identityOf(statSync(folder))
      versions = versionsIn(folder, this.#deep)
    } catch (cause) {
      throw new ScriptError('LoadFailed', `the folder ${folder} cannot be watched: ${(cause as Error).message}`, { cause })
    }
    // A file in place of the folder was refused when its entries were read.
    if (identity === undefined || [...this.#folders.values()].some((each) => each.identity === identity)) return
    this.#watch(folder, identity, versions)
    this.#check()
  }

  /** Watches a folder as {@link FolderWatcher.add} does; one that does not exist, from when it does: its files are reported then. */
  expect(folder: string): void {
    if (existsSync(folder)) this.add(folder)
    if (this.#folders.has(folder) || this.#closed || existsSync(folder)) return
    this.#folders.set(folder, { identity: undefined, watcher: undefined, ready: Promise.resolve(), links: new Map(), isExpected: true })
    this.#check()
  }

  /** Stops watching. Further calls do nothing. */
  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#timer)
    const watchers = [...this.#folders.values()].map(({ watcher }) => watcher)
    this.#folders.clear()
    await Promise.all(watchers.map((watcher) => watcher?.close()))
  }

  #check(): void {
    this.#timer ??= setInterval(() => {
      for (const each of this.#folders.keys()) void this.#checkFolder(each).then(() => this.#checkLinks(each))
    }, CHECK_EVERY).unref()
  }

  /** Starts to watch. Reports the files that differ from these versions when chokidar starts, since it reports only later changes. */
  #watch(folder: string, identity: string, versions: ReadonlyMap<string, string>): void {
    const watcher = watch(folder, {
      ignoreInitial: false,
      alwaysStat: true,
      ...(this.#deep ? { ignored: isPassedOver(folder) } : { depth: 0 }),
    })
    const isWatched = (): boolean => this.#folders.get(folder)?.watcher === watcher
    let isReady = false
    const ready = new Promise<void>((resolve) => {
      watcher.once('ready', () => {
        isReady = true
        resolve()
      })
    })
    this.#folders.set(folder, { identity, watcher, ready, links: new Map() })
    const changed = (file: string): void => {
      if (isWatched()) this.#events.changed(file)
    }
    watcher.on('add', (file, stats) => {
      if (isReady || stats === undefined || versions.get(file) !== versionOf(stats)) changed(file)
    })
    watcher.on('change', changed)
    watcher.on('unlink', (file) => {
      if (isWatched()) this.#events.removed(file)
    })
    const folderChanged = (path: string): void => {
      if (this.#folders.has(path)) void this.#checkFolder(path)
      else if (dirname(path) === folder && isReady) void this.#checkLinks(folder)
    }
    watcher.on('addDir', folderChanged)
    watcher.on('unlinkDir', folderChanged)
    watcher.on('error', (error) => {
      if (isWatched()) this.#lose(folder, `cannot be watched: ${error instanceof Error ? error.message : String(error)}`, error)
    })
    void this.#checkLinks(folder)
  }

  /** Watches again if the folder is no longer the one that is watched. */
  async #checkFolder(folder: string): Promise<void> {
    const watched = this.#folders.get(folder)
    const identity = await stat(folder).then(identityOf, () => undefined)
    // Another check may have come first.
    if (watched === undefined || this.#folders.get(folder) !== watched || identity === watched.identity) return
    void watched.watcher?.close()
    if (identity !== undefined) {
      this.#watch(folder, identity, new Map())
      if (watched.identity === undefined && watched.isExpected !== true) this.#events.back?.(folder)
    } else {
      this.#folders.set(folder, { ...watched, identity, watcher: undefined })
      this.#lose(folder, 'is gone: its scripts run on, and it is watched again once it is back')
    }
  }

  /** Reports the links that lead to another file, or another version of it, than before. */
  async #checkLinks(folder: string): Promise<void> {
    const watched = this.#folders.get(folder)
    const links = await readLinks(folder)
    if (watched === undefined || this.#folders.get(folder) !== watched) return
    const { links: before } = watched
    watched.links = links
    for (const [link, version] of links) if ((before.get(link) ?? version) !== version) this.#events.changed(link)
  }

  #lose(folder: string, reason: string, cause?: unknown): void {
    const detail = `the folder ${folder} ${reason}`
    if (cause !== undefined && this.#reported.has(detail)) return
    this.#reported.add(detail)
    this.#events.lost(folder, new ScriptError('LoadFailed', detail, cause === undefined ? {} : { cause }))
  }
}

/** Returns what distinguishes a folder from others; `undefined` if the path is not a folder. Systems reuse the numbers, so the time of creation is part of it. */
function identityOf(found: Stats | undefined): string | undefined {
  return found?.isDirectory() === true ? `${found.dev} ${found.ino} ${found.birthtimeMs}` : undefined
}

function versionOf({ ino, mtimeMs, size }: Stats): string {
  return `${ino} ${mtimeMs} ${size}`
}

/** Returns whether a file or folder inside a folder is of no source: dependencies, and what versions and tools are kept in. */
function isPassedOver(folder: string): (path: string) => boolean {
  return (path) =>
    relative(folder, path)
      .split(sep)
      .some((name) => isPassedOverName(name))
}

/** Returns whether a search for sources passes over a file or folder of this name. */
export function isPassedOverName(name: string): boolean {
  return name === 'node_modules' || /^\.[^.]/.test(name)
}

/** Returns the versions of the files in a folder. Reads them at once, so that no change comes in between. */
function versionsIn(folder: string, deep: boolean): ReadonlyMap<string, string> {
  const versions = new Map<string, string>()
  for (const name of readdirSync(folder)) {
    const file = join(folder, name)
    try {
      const found = statSync(file)
      if (!found.isDirectory()) versions.set(file, versionOf(found))
      else if (deep && !isPassedOverName(name)) for (const [inner, version] of versionsIn(file, true)) versions.set(inner, version)
    } catch {
      // A link that leads nowhere, or a file that was just removed.
    }
  }
  return versions
}

/** Resolves with the version of the file that each symbolic link in a folder leads to. */
async function readLinks(folder: string): Promise<ReadonlyMap<string, string>> {
  const links = new Map<string, string>()
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    if (!entry.isSymbolicLink()) continue
    const link = join(folder, entry.name)
    const target = await stat(link).catch(() => undefined)
    if (target?.isFile()) links.set(link, versionOf(target))
  }
  return links
}
