import { spawn } from 'node:child_process'
import { dirname, extname, join, resolve, sep } from 'node:path'
import * as v from 'valibot'
import type { Logger } from 'vite'
import { escapeControls } from '../printable.ts'

/** Option `bindings` of the plugin. */
export interface BindingsOption {
  /** The module that exports `createSimulation`, or a folder with such an index; from Vite's root on. */
  readonly sim: string
}

export const bindingsOption: v.GenericSchema<BindingsOption> = v.strictObject({ sim: v.string('a path') }, 'an object with a path `sim`')

/** The command of this package. */
const COMMAND = join(import.meta.dirname, '../node/command.js')
/** Extensions of modules that may change what the game offers. */
const MODULES: readonly string[] = ['.ts', '.mts', '.js', '.mjs']

/** Runs the command that updates bindings, and resolves with what it printed. */
export type UpdateBindings = (sim: string, root: string) => Promise<string>

/** Keeps the bindings beside a simulation and its scripts up to date. */
export interface KeptBindings {
  /** The folder of the simulation. */
  readonly folder: string
  /** Updates them if a file belongs to the simulation. Resolves once that is done. */
  readonly changed: (file: string) => Promise<void>
  readonly close: () => void
}

/**
 * Keeps bindings up to date: at once, and when a module in the folder of the simulation is saved. Each update is a process of its own, since
 * Node runs a module once in each.
 */
export function keepBindings(
  { sim }: BindingsOption,
  root: string,
  logger: Pick<Logger, 'info'>,
  update: UpdateBindings = runCommand,
): KeptBindings {
  const path = resolve(root, sim)
  const folder = extname(path) === '' ? path : dirname(path)
  let isClosed = false
  let running: Promise<void> | undefined
  let again = false
  async function run(): Promise<void> {
    do {
      again = false
      const printed = escapeControls((await update(path, root)).trim())
      if (printed !== '' && !isClosed) logger.info(printed, { timestamp: true })
    } while (again && !isClosed)
    running = undefined
  }
  function start(): Promise<void> {
    again = true
    running ??= run()
    return running
  }
  void start()
  return {
    folder,
    async changed(file) {
      const isPart = file.startsWith(folder + sep) && MODULES.includes(extname(file)) && !/(?:^|[\\/])game\.ts$/.test(file)
      if (isPart && !isClosed) await start()
    },
    close() {
      isClosed = true
    },
  }
}

function runCommand(sim: string, root: string): Promise<string> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [COMMAND, 'bindings', sim, '--update'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    let printed = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (printed += text.toString()))
    child.on('error', (error) => done(`bindings could not be updated: ${error.message}`))
    child.on('close', () => done(printed))
  })
}
