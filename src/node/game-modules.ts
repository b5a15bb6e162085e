import { readFile } from 'node:fs/promises'
import { dirname, extname } from 'node:path'
import { FolderWatcher } from '../files/folder-watcher.ts'
import { keepBindings } from '../files/kept-bindings.ts'
import { MODULE_EXTENSIONS, moduleFiles } from '../files/module-files.ts'
import type { ScriptError } from '../index.ts'
import { escapeLine } from '../printable.ts'
import { formatMistake } from './format-report.ts'
import { hasGameFiles } from './game-files.ts'
import { style } from './output.ts'
import { shortPath } from './short-path.ts'
import type { Simulation } from './simulation.ts'

/** Watches the modules of a simulation until it is closed. */
export interface GameModules {
  /** Ends an update that runs. */
  close(): Promise<void>
}

/**
 * Watches the modules of a simulation, which are not reloaded: says so when one is saved, and keeps the bindings beside the simulation and its scripts up
 * to date, from which scripts can be compiled for the game as it will be.
 */
export async function watchGameModules(file: string, simulation: Simulation, print: (text: string) => void): Promise<GameModules> {
  let files: ReadonlySet<string> = new Set()
  const contents = new Map<string, string>()
  const watcher = new FolderWatcher({
    changed: (saved) => void changed(saved).catch((error: unknown) => print(formatMistake(error as ScriptError))),
    removed: () => undefined,
    lost: () => undefined,
  })
  const kept = keepBindings(file, { folder: process.cwd(), print })
  async function watchAll(): Promise<void> {
    files = await moduleFiles(file)
    for (const each of files) if (!contents.has(each)) contents.set(each, await readFile(each, 'utf8').catch(() => ''))
    for (const folder of new Set([...files].map((each) => dirname(each)))) watcher.add(folder)
  }
  async function changed(saved: string): Promise<void> {
    if (!MODULE_EXTENSIONS.includes(extname(saved))) return
    const content = await readFile(saved, 'utf8').catch(() => '')
    // A watcher may report one save several times.
    if (content === '' || content === contents.get(saved)) return
    // Other modules may be imported than before.
    await watchAll()
    if (!files.has(saved)) return
    contents.set(saved, content)
    const name = style.bold(escapeLine(shortPath(saved)))
    print(`${style.yellow('!')} ${name} was saved: the game's own code is not reloaded. End with Ctrl-C and start again to run it`)
    if (await hasGameFiles(file, simulation)) await kept.start()
  }
  await watchAll()
  return {
    close() {
      kept.close()
      return watcher.close()
    },
  }
}
