import { InvalidArgumentError } from 'commander'
import { suggest } from '../nearest-name.ts'

/** The languages that scripts are written in, by the name that `--lang` takes. */
export const LANGUAGE_TITLES = { wat: 'WAT', as: 'AssemblyScript', c: 'C', rust: 'Rust' } as const

/** The name of a language, as `--lang` takes it. */
export type LanguageName = keyof typeof LANGUAGE_TITLES

/** Returns the language that `--lang` names. Throws commander's `InvalidArgumentError` with what was probably meant. */
export function parseLanguage(text: string): LanguageName {
  if (Object.hasOwn(LANGUAGE_TITLES, text)) return text as LanguageName
  const named = Object.entries(LANGUAGE_TITLES).find(([, title]) => title.toLowerCase() === text.toLowerCase())
  throw new InvalidArgumentError(
    named === undefined ? `It is no language${suggest(text, Object.keys(LANGUAGE_TITLES))}` : `Did you mean '${named[0]}'?`,
  )
}
