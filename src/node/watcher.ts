import { basename, dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { sameBytes } from '../bytes.ts'
import type { ScriptCompilers } from '../files/compilers/own-compilers.ts'
import { addCompilers, sourceCompilers } from '../files/compilers/registry.ts'
import { FolderWatcher } from '../files/folder-watcher.ts'
import { readScriptFile } from '../files/read-script-file.ts'
import { sameFile } from '../files/same-file.ts'
import { ScriptError, type ScriptInfo, type WasmScriptRuntime } from '../index.ts'
import type { FileOutcome } from './file-outcome.ts'
import { printTrouble } from './format-report.ts'
import { type ReloaderOptions, ScriptReloader } from './reloader.ts'
import { trackRenames } from './renames.ts'
import { manifestsOf, mayBeScript, mayLoad } from './script-files.ts'

/** Options of {@link watchScripts}. */
export interface WatchOptions extends ReloaderOptions {
  /** A folder, as a `file:` URL. Scripts and manifests that are added to it are loaded; a module that a manifest beside it names is not. @default none: no new scripts are loaded */
  readonly folder?: URL
  /**
   * Compilers for other languages than C, Rust and AssemblyScript, by file extension, or in place of them: `{ '.as': ({ file, content }) => compile(content) }`.
   * They are those of the whole process, as long as it runs: give them before a script in such a language is loaded by its URL.
   * @default {}
   */
  readonly compilers?: ScriptCompilers
}

/** Watches the files of a runtime's scripts until it is closed. */
export interface ScriptWatcher {
  /** Resolves when the watcher notices every save from then on. */
  readonly ready: Promise<void>
  /** Stops watching. Further calls do nothing. */
  close(): Promise<void>
}

/**
 * Watches the files of a runtime's scripts, including scripts that are loaded later, and reloads a script when its file is
 * saved, or a module that the manifest of an Extism plugin names. If the file has a mistake, or a warning, `onOutcome` reports it, or the console by default, and the previous generation continues. So
 * does the script of a file that was removed; if the file was renamed, the script follows it. A folder that was removed is watched again once it is back.
 *
 * @throws {ScriptError} InvalidOptions, LoadFailed if a folder does not exist
 * @example
 * const watcher = watchScripts(runtime, { folder: new URL('./scripts/', import.meta.url) })
 * await watcher.close()
 */
export function watchScripts(runtime: WasmScriptRuntime, options: WatchOptions = {}): ScriptWatcher {
  if (options.compilers !== undefined) addCompilers(options.compilers, 'watchScripts')
  const compilers = sourceCompilers()
  const reloader = new ScriptReloader(runtime, { ...options, onOutcome: settled })
  if (options.folder !== undefined && !(options.folder instanceof URL && options.folder.protocol === 'file:')) {
    throw new ScriptError('InvalidOptions', 'folder must be a file: URL, such as pathToFileURL returns')
  }
  const folder = options.folder === undefined ? undefined : fileURLToPath(options.folder).replace(/[/\\]$/, '')
  const isInFolder = (file: string): boolean => folder !== undefined && sameFile(join(folder, basename(file)), file)
  const { onOutcome = printTrouble } = options
  const renames = trackRenames(runtime, options.wait ?? ((milliseconds) => wait(milliseconds, undefined, { ref: false })))
  /** Files of no script that may have been renamed. */
  const checks = new Map<string, Promise<void>>()
  /** Reports the outcome of a change, and notices the changes of what the file turned out to depend on. */
  function settled(outcome: FileOutcome): void {
    watchDependencies(outcome.file)
    onOutcome(outcome)
  }
  function change(file: string): void {
    void reloader.changed(file, pathToFileURL(file), true)
  }
  /** Lets a script follow its file to this new name, or loads the file as a new script. */
  async function enter(file: string): Promise<void> {
    // A reload that fails is tried again below, and reported.
    const renamed = await renames.follow(file).catch(() => undefined)
    checks.delete(file)
    if (renamed !== undefined) {
      onOutcome({ state: 'renamed', file, from: renamed.from, script: renamed.script })
      const content = await readScriptFile(file, renamed.script.limits.moduleBytes).catch(() => undefined)
      if (content !== undefined && sameBytes(content, renamed.content)) return
    }
    const manifests = await manifestsOf(file)
    // The file may have been saved in the meantime.
    if (manifests.length === 0 && (reloader.scriptOf(file) !== undefined || (await mayLoad(file)))) change(file)
    for (const manifest of manifests) {
      // It could not be loaded without this file.
      reloader.forget(manifest)
      change(manifest)
    }
  }
  function changed(file: string): void {
    if (!mayBeScript(file) || checks.has(file)) return
    if (!isInFolder(file) || reloader.scriptOf(file) !== undefined) void reloader.changed(file, pathToFileURL(file), false)
    else checks.set(file, enter(file))
  }
  // Watches folders rather than files: the system treats a file that was replaced by renaming as another file.
  const watcher = new FolderWatcher({
    changed(file) {
      for (const source of new Set([file, ...compilers.sourcesOf(file)])) changed(source)
    },
    removed(file) {
      for (const source of compilers.sourcesOf(file)) if (source !== file) changed(source)
      // Its script may be about to follow a new name of the file.
      if (mayBeScript(file)) void Promise.all(checks.values()).then(() => reloader.removed(file))
    },
    lost: (file, error) => onOutcome({ state: 'unwatched', file, script: undefined, error }),
    back: (file) => onOutcome({ state: 'watched', file, script: undefined }),
  })
  for (const script of runtime.scripts()) {
    for (const file of filesOf(script)) {
      watcher.add(dirname(file))
      watchDependencies(file)
    }
  }
  if (folder !== undefined) watcher.add(folder)
  function watchFolder(directory: string, watch: 'add' | 'expect' = 'add'): void {
    try {
      watcher[watch](directory)
    } catch (error) {
      onOutcome({ state: 'unwatched', file: directory, script: undefined, error: error as ScriptError })
    }
  }
  /** Notices changes of the files that a source depends on. A header that is missing may be looked for in a folder that is missing, too. */
  function watchDependencies(file: string): void {
    for (const directory of new Set(compilers.filesOf(file).map((each) => dirname(each)))) watchFolder(directory, 'expect')
  }
  function watchFilesOf(script: ScriptInfo | undefined): void {
    for (const file of script === undefined ? [] : filesOf(script)) {
      watchFolder(dirname(file))
      watchDependencies(file)
    }
  }
  // A manifest that is saved may name other files.
  const offs = [runtime.on('load', watchFilesOf), runtime.on('reload', ({ script }) => watchFilesOf(runtime.find(script)))]
  return {
    ready: Promise.all([watcher.ready, renames.ready]).then(() => undefined),
    async close() {
      for (const off of offs) off()
      renames.close()
      reloader.close()
      await watcher.close()
    },
  }
}

/** Returns the paths of a script's files. */
function filesOf({ files }: ScriptInfo): readonly string[] {
  return files.filter(({ protocol }) => protocol === 'file:').map((url) => fileURLToPath(url))
}
