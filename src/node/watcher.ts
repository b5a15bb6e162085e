import { dirname, extname } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { watch } from 'chokidar'
import { ScriptError, type WasmScriptRuntime } from '../index.ts'
import { type ReloaderOptions, ScriptReloader } from './reloader.ts'

export interface WatchOptions extends ReloaderOptions {
  /** A folder of scripts: what is new in it is loaded. */
  readonly folder?: URL
}

export interface ScriptWatcher {
  /** Settles once changes are seen. */
  readonly ready: Promise<void>
  /** Stops watching. May be called again. */
  close(): Promise<void>
}

const EXTENSIONS = ['.wat', '.wasm']

/**
 * Watches the files of a runtime's scripts, those that are loaded later too, and reloads each when it is saved. A mistake
 * is told, and the generation before runs on.
 */
export function watchScripts(runtime: WasmScriptRuntime, options: WatchOptions = {}): ScriptWatcher {
  const reloader = new ScriptReloader(runtime, options)
  if (options.folder !== undefined && !(options.folder instanceof URL && options.folder.protocol === 'file:')) {
    throw new ScriptError('InvalidOptions', 'folder must be a file: URL, such as pathToFileURL gives')
  }
  const folder = options.folder === undefined ? undefined : fileURLToPath(options.folder).replace(/[/\\]$/, '')
  // Folders are watched, not files: a file that is replaced by renaming is another file to the system.
  const watched = new Set(runtime.scripts().flatMap(({ url }) => folderOf(url)))
  if (folder !== undefined) watched.add(folder)
  const watcher = watch([...watched], {
    depth: 0,
    ignoreInitial: true,
    ignored: (file, stats) => stats?.isFile() === true && !EXTENSIONS.includes(extname(file)),
  })
  const off = runtime.on('load', ({ url }) => {
    for (const directory of folderOf(url)) {
      if (watched.has(directory)) continue
      watched.add(directory)
      watcher.add(directory)
    }
  })

  const changed = (file: string): void => {
    void reloader.changed(file, pathToFileURL(file), dirname(file) === folder)
  }
  watcher.on('add', changed).on('change', changed)
  watcher.on('unlink', (file) => reloader.removed(file))
  const ready = new Promise<void>((resolve) => {
    if (watched.size === 0) resolve()
    else watcher.once('ready', () => resolve())
  })
  return {
    ready,
    close: async () => {
      off()
      reloader.close()
      await watcher.close()
    },
  }
}

/** The folder of a script's file; none if it has none. */
function folderOf(url: URL | undefined): readonly string[] {
  return url?.protocol === 'file:' ? [dirname(fileURLToPath(url))] : []
}
