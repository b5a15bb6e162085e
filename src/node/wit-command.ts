import { readFile, writeFile } from 'node:fs/promises'
import { describeGame } from '../index.ts'
import { escapeControls } from '../printable.ts'
import { describeSimulation } from './described-simulation.ts'
import { writeFailed } from './file-error.ts'
import { gameWit } from './game-wit.ts'
import { print } from './output.ts'

/** Options of `bitscript wit`. */
export interface WitOptions {
  /** The file to write to, instead of the standard output. */
  readonly output?: string
}

/** What every game offers, as the package ships it. */
const FIXED = new URL(/* @vite-ignore */ '../../wit/bitscript.wit', import.meta.url)

/** Prints what a simulation offers to components, as WIT. Resolves with the exit code. */
export async function wit(sim: string, { output }: WitOptions): Promise<number> {
  await describeSimulation(sim, 'events that they handle are missing', async ({ runtime }) => {
    const text = gameWit(describeGame(runtime), await readFile(FIXED, 'utf8'))
    if (output === undefined) print(text.trimEnd())
    else await write(output, text)
  })
  return 0
}

async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, escapeControls(text))
  } catch (cause) {
    throw writeFailed(file, cause)
  }
}
