import type { GameDescription } from '../../index.ts'
import { assemblyScript } from './assemblyscript.ts'
import { c } from './c.ts'
import { gameFunctions } from './game-functions.ts'
import { generatedText } from './generated-file.ts'
import type { Language } from './language.ts'
import { rust } from './rust.ts'
import { wat } from './wat.ts'

/** The name of a language, as `--lang` takes it. */
export type LanguageName = 'as' | 'c' | 'rust' | 'wat'

/** The languages of `bitscript bindings`. */
export const LANGUAGES: Readonly<Record<LanguageName, Language>> = { as: assemblyScript, c, rust, wat }
export const LANGUAGE_NAMES: readonly LanguageName[] = Object.keys(LANGUAGES) as LanguageName[]

/** Returns the bindings of a game in a language. The same game gives the same text. `library` is the part that no game changes. */
export function bindingsOf(game: GameDescription, name: LanguageName, library: string): string {
  const language = LANGUAGES[name]
  return generatedText(language, name, language.print(gameFunctions(game), library))
}
