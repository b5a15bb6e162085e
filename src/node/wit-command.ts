import { readFile, writeFile } from 'node:fs/promises'
import { describeGame, ScriptError } from '../index.ts'
import { escapeControls } from '../printable.ts'
import { gameWit } from './game-wit.ts'
import { loadQuietly } from './load-quietly.ts'
import { print } from './output.ts'
import { importSimulation } from './simulation.ts'

/** Options of `bitscript wit`. */
export interface WitOptions {
  /** The file to write to, instead of the standard output. */
  readonly output?: string
}

/** What every game offers, as the package ships it. */
const FIXED = new URL(/* @vite-ignore */ '../../wit/bitscript.wit', import.meta.url)

/** Prints what a simulation offers to components, as WIT. Resolves with the exit code. */
export async function wit(sim: string, { output }: WitOptions): Promise<number> {
  const create = await importSimulation(sim)
  const simulation = await create({ seed: 0 })
  try {
    await loadQuietly(simulation, 'events that they handle are missing')
    const text = gameWit(describeGame(simulation.runtime), await readFile(FIXED, 'utf8'))
    if (output === undefined) print(text.trimEnd())
    else await write(output, text)
  } finally {
    simulation.runtime.dispose()
  }
  return 0
}

async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, escapeControls(text))
  } catch (cause) {
    throw new ScriptError('LoadFailed', `${file} could not be written`, { cause })
  }
}
