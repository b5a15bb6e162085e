import type { GameDescription } from '../../index.ts'
import type { LanguageName } from '../language-option.ts'
import { gameFunctions } from './game-functions.ts'
import { generatedText } from './generated-file.ts'
import { assemblyScript } from './print-assemblyscript.ts'
import { c } from './print-c.ts'
import { rust } from './print-rust.ts'
import { wat } from './print-wat.ts'
import type { Printer } from './printer.ts'
import { namesLine, withOwnImports } from './script-names.ts'

/** What prints each language. */
export const PRINTERS: Readonly<Record<LanguageName, Printer>> = { wat, as: assemblyScript, c, rust }
export const LANGUAGE_NAMES: readonly LanguageName[] = Object.keys(PRINTERS) as LanguageName[]

/** Returns the bindings of a game in a language. The same game gives the same text. `library` is the part that no game changes. */
export function bindingsOf(game: GameDescription, name: LanguageName, library: string): string {
  const language = PRINTERS[name]
  const own = withOwnImports(game)
  return generatedText(language, name, `${language.print(gameFunctions(own), library)}${namesLine(language.comment, own)}\n`)
}
