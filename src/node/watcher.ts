import { dirname, extname } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { FolderWatcher } from '../files/folder-watcher.ts'
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
 * is told, and the generation before runs on. Throws `InvalidOptions`, and `LoadFailed` for a folder that is not there.
 */
export function watchScripts(runtime: WasmScriptRuntime, options: WatchOptions = {}): ScriptWatcher {
  const reloader = new ScriptReloader(runtime, options)
  if (options.folder !== undefined && !(options.folder instanceof URL && options.folder.protocol === 'file:')) {
    throw new ScriptError('InvalidOptions', 'folder must be a file: URL, such as pathToFileURL gives')
  }
  const folder = options.folder === undefined ? undefined : fileURLToPath(options.folder).replace(/[/\\]$/, '')
  const isScript = (file: string): boolean => EXTENSIONS.includes(extname(file))
  // Folders are watched, not files: a file that is replaced by renaming is another file to the system.
  const watcher = new FolderWatcher({
    changed(file) {
      if (isScript(file)) void reloader.changed(file, pathToFileURL(file), dirname(file) === folder)
    },
    removed(file) {
      if (isScript(file)) reloader.removed(file)
    },
  })
  for (const { url } of runtime.scripts()) for (const directory of folderOf(url)) watcher.add(directory)
  if (folder !== undefined) watcher.add(folder)
  const off = runtime.on('load', ({ url }) => {
    for (const directory of folderOf(url)) watcher.add(directory)
  })
  return {
    ready: Promise.resolve(),
    close: async () => {
      off()
      reloader.close()
      watcher.close()
    },
  }
}

/** The folder of a script's file; none if it has none. */
function folderOf(url: URL | undefined): readonly string[] {
  return url?.protocol === 'file:' ? [dirname(fileURLToPath(url))] : []
}
