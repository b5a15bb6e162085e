import { execFile } from 'node:child_process'
import { extname, join } from 'node:path'
import { MODULE_EXTENSIONS, moduleFiles } from './module-files.ts'

/** The command of this package. All of its chunks are one folder below `dist/`. */
const COMMAND = join(import.meta.dirname, '../node/command.js')
/** Milliseconds that an update may take. A simulation that keeps its process alive would block all updates after it. */
const MAX_UPDATE = 60_000

/** Updates the bindings beside a simulation and its scripts, and resolves with what was printed. */
export type UpdateBindings = (sim: string, signal: AbortSignal) => Promise<string>

/** Options of {@link keepBindings}. */
export interface KeepOptions {
  /** The folder that the command runs in: it prints paths from there on. */
  readonly folder: string
  /** Prints what the command printed. */
  readonly print: (text: string) => void
  /** Called before each update with the modules of the simulation, whose saves matter from then on. @default nothing is done */
  readonly watch?: (files: ReadonlySet<string>) => void
  /** @default the command `bitscript bindings --update` */
  readonly update?: UpdateBindings
}

/** Keeps the bindings beside a simulation and its scripts up to date. */
export interface KeptBindings {
  /** Updates them. Resolves once that is done. */
  readonly start: () => Promise<void>
  /** Updates them if a file that was saved is a module of the simulation. Resolves once that is done. */
  readonly changed: (file: string) => Promise<void>
  /** Ends an update that runs, and begins no other. Further calls do nothing. */
  readonly close: () => void
}

/**
 * Keeps the bindings of a simulation up to date: `sim` is the path of its module, or of a folder with an index. Each update is a process of its own,
 * since Node runs a module once in each.
 */
export function keepBindings(sim: string, { folder, print, watch, update = runCommandIn(folder) }: KeepOptions): KeptBindings {
  const closing = new AbortController()
  let running: Promise<void> | undefined
  let again = false
  async function run(): Promise<void> {
    do {
      again = false
      watch?.(await moduleFiles(sim))
      const printed = (await update(sim, closing.signal)).trim()
      if (printed !== '' && !closing.signal.aborted) print(printed)
    } while (again && !closing.signal.aborted)
    running = undefined
  }
  function start(): Promise<void> {
    if (closing.signal.aborted) return Promise.resolve()
    again = true
    running ??= run()
    return running
  }
  return {
    start,
    async changed(file) {
      if (MODULE_EXTENSIONS.includes(extname(file)) && (await moduleFiles(sim)).has(file)) await start()
    },
    close: () => closing.abort(),
  }
}

function runCommandIn(folder: string): UpdateBindings {
  return (sim, signal) =>
    new Promise((done) => {
      const options = { cwd: folder, signal, timeout: MAX_UPDATE }
      execFile(process.execPath, [COMMAND, 'bindings', sim, '--update'], options, (error, stdout, stderr) => {
        const isLate = error?.killed === true && !signal.aborted
        const late = isLate
          ? `the bindings of ${sim} were not updated within ${MAX_UPDATE / 1000} s: its module must let the process end\n`
          : ''
        const failure = error !== null && stdout + stderr === '' && !isLate ? `the bindings could not be updated: ${error.message}` : ''
        done(stdout + stderr + late + failure)
      })
    })
}
