import { basename, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LANGUAGE_TITLES, type LanguageName } from './language-option.ts'
import { makeGame, type NewOptions } from './new/make-game.ts'
import { missingCompiler } from './new/missing-compiler.ts'
import { print, style } from './output.ts'
import { shortPath } from './short-path.ts'

/** The folder of this package. */
const PACKAGE = fileURLToPath(new URL(/* @vite-ignore */ '../../', import.meta.url))

/** Makes a game in a new folder, and prints how to run it. Resolves with the exit code. Rejects with the errors of {@link makeGame}. */
export async function newGame(folder: string, options: NewOptions): Promise<number> {
  await makeGame(PACKAGE, folder, options)
  print(`${style.green('✓')} ${style.bold(basename(folder))} is a game with scripts in ${LANGUAGE_TITLES[options.lang]}. To run it:\n`)
  const path = relative(process.cwd(), folder)
  const enter = /^[\w./\\-]*$/.test(path) ? path : JSON.stringify(path)
  for (const step of [...(path === '' ? [] : [`cd ${enter}`]), 'npm install', 'npm run dev']) print(`  ${style.cyan(step)}`)
  const missing = await missingCompilerOf(folder, options.lang)
  if (missing !== undefined) print(`\n${style.yellow('!')} Before the last of them: ${missing}`)
  print(`\nThen change a script in ${shortPath(join(folder, 'scripts'))}, and save it. README.md has the rest.`)
  return 0
}

/** The extensions of the languages whose compiler is a program. That of AssemblyScript is a package, which npm installs. */
const COMPILED: Readonly<Partial<Record<LanguageName, string>>> = { c: '.c', rust: '.rs' }

async function missingCompilerOf(folder: string, lang: LanguageName): Promise<string | undefined> {
  const extension = COMPILED[lang]
  return extension === undefined ? undefined : missingCompiler(join(folder, `scripts/lantern${extension}`))
}
