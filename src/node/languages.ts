import { InvalidArgumentError } from 'commander'
import { suggest } from '../nearest-name.ts'

/** The languages that scripts are written in, by the name that `--lang` takes. */
export const LANGUAGES = { wat: 'WAT', as: 'AssemblyScript', c: 'C', rust: 'Rust' } as const

/** The name of a language, as `--lang` takes it. */
export type Language = keyof typeof LANGUAGES

/** Returns the language that `--lang` names. Throws commander's `InvalidArgumentError` with what was probably meant. */
export function languageOf(text: string): Language {
  if (Object.hasOwn(LANGUAGES, text)) return text as Language
  const named = Object.entries(LANGUAGES).find(([, title]) => title.toLowerCase() === text.toLowerCase())
  throw new InvalidArgumentError(
    named === undefined ? `It is no language${suggest(text, Object.keys(LANGUAGES))}` : `Did you mean '${named[0]}'?`,
  )
}
