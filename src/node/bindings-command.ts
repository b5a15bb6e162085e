import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describeGame, ScriptError } from '../index.ts'
import { escapeLine } from '../printable.ts'
import { stateOf, writeGenerated } from './bindings/generated-file.ts'
import { bindingsOf, PRINTERS } from './bindings/printers.ts'
import { withNamesOf } from './bindings/script-names.ts'
import { describeSimulation } from './described-simulation.ts'
import { bindingsLibrary, formatUpdate, updateGameFiles } from './game-files.ts'
import type { LanguageName } from './language-option.ts'
import { print, printError } from './output.ts'
import { shortPath } from './short-path.ts'

/** Options of `bitscript bindings`. */
export interface BindingsOptions {
  readonly lang: LanguageName
  /** The file to write to, or the folder for a file with the language's own name. @default the standard output */
  readonly output?: string
  /** Overwrite a file that was edited, or that is none of these. */
  readonly force: boolean
}

/** What is missing if a script could not be loaded. */
const MISSING = 'what only they name may be missing'

/** Prints what a simulation offers to scripts, in a language. Resolves with the exit code. */
export async function bindings(sim: string, { lang, output: path, force }: BindingsOptions): Promise<number> {
  const output = path === undefined ? undefined : await fileAt(path, PRINTERS[lang].file)
  const before = output === undefined ? undefined : await stateOf(output)
  if (before !== undefined && !force && (before.state === 'edited' || before.state === 'foreign')) {
    const why = before.state === 'edited' ? 'was edited since it was made' : 'was not made by this command'
    throw new ScriptError('LoadFailed', `${output} ${why}: move it away, or overwrite it with --force`)
  }
  await describeSimulation(sim, MISSING, async ({ runtime }, isComplete) => {
    const game = describeGame(runtime)
    const text = bindingsOf(isComplete ? game : withNamesOf(game, before?.text ?? ''), lang, await bindingsLibrary(lang))
    if (output === undefined) print(text.trimEnd())
    else {
      const isWritten = await writeGenerated(output, text, before?.text)
      printError(`${escapeLine(shortPath(output))} ${isWritten ? 'is written' : 'is up to date'}`)
    }
  })
  return 0
}

/** Writes the generated files beside a simulation and its scripts anew where the game has changed. Resolves with the exit code. */
export async function updateBindings(sim: string): Promise<number> {
  await describeSimulation(sim, MISSING, async (simulation, isComplete) => {
    for (const updated of await updateGameFiles(sim, simulation, isComplete)) print(formatUpdate(updated))
  })
  return 0
}

/** Resolves with the file to write for a path: in a folder, one of this name. */
async function fileAt(path: string, name: string): Promise<string> {
  const found = await stat(path).catch(() => undefined)
  return found?.isDirectory() === true ? join(path, name) : path
}
