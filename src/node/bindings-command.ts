import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describeGame, ScriptError } from '../index.ts'
import { escapeLine } from '../printable.ts'
import { stateOf, writeGenerated } from './bindings/generated-file.ts'
import { bindingsOf, LANGUAGES, type LanguageName } from './bindings/languages.ts'
import { loadQuietly } from './load-quietly.ts'
import { print, printError } from './output.ts'
import { importSimulation } from './simulation.ts'

/** Options of `bitscript bindings`. */
export interface BindingsOptions {
  readonly lang: LanguageName
  /** The file to write to, or the folder for a file with the language's own name. @default the standard output */
  readonly output?: string
  /** Overwrite a file that was edited, or that is none of these. */
  readonly force: boolean
}

/** The folder of the package with the part of each file that no game changes. */
const LIBRARIES = new URL(/* @vite-ignore */ '../../bindings/', import.meta.url)

/** Prints what a simulation offers to scripts, in a language. Resolves with the exit code. */
export async function bindings(sim: string, { lang, output: path, force }: BindingsOptions): Promise<number> {
  const output = path === undefined ? undefined : await fileAt(path, LANGUAGES[lang].file)
  const before = output === undefined ? undefined : await stateOf(output)
  if (before !== undefined && !force && (before.state === 'edited' || before.state === 'foreign')) {
    const why = before.state === 'edited' ? 'was edited since it was made' : 'was not made by this command'
    throw new ScriptError('LoadFailed', `${output} ${why}: move it away, or overwrite it with --force`)
  }
  const text = await bindingsText(sim, lang)
  if (output === undefined) print(text.trimEnd())
  else printError(`${escapeLine(output)} ${(await writeGenerated(output, text, before?.text ?? '')) ? 'is written' : 'is up to date'}`)
  return 0
}

/** Resolves with the file to write for a path: in a folder, one of this name. */
async function fileAt(path: string, name: string): Promise<string> {
  const found = await stat(path).catch(() => undefined)
  return found?.isDirectory() === true ? join(path, name) : path
}

/** Resolves with the bindings of a simulation. */
async function bindingsText(sim: string, lang: LanguageName): Promise<string> {
  const create = await importSimulation(sim)
  const simulation = await create({ seed: 0 })
  try {
    await loadQuietly(simulation, 'what only they name is missing')
    return bindingsOf(describeGame(simulation.runtime), lang, await readFile(new URL(LANGUAGES[lang].file, LIBRARIES), 'utf8'))
  } finally {
    simulation.runtime.dispose()
  }
}
