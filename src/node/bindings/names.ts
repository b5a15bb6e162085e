import { escapeLine } from '../../printable.ts'

const WORD = /[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+[0-9]*|[0-9]+/g

/** Returns the words of a name in lower case: `max`, `health` for `MaxHealth`. `undefined` for a name that is not printable ASCII or has none. */
export function nameWords(name: string): readonly string[] | undefined {
  const words = /^[\x20-\x7e]*$/.test(name) ? (name.match(WORD) ?? []).map((word) => word.toLowerCase()) : []
  return words.length > 0 ? words : undefined
}

/** Returns words as C and Rust write them: `max_health`. */
export function inSnakeCase(words: readonly string[]): string {
  return words.join('_').replace(/^(?=\d)/, '_')
}

/** Returns words as AssemblyScript writes them: `maxHealth`. */
export function inCamelCase(words: readonly string[]): string {
  return words
    .map((word, index) => (index === 0 ? word : `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`))
    .join('')
    .replace(/^(?=\d)/, '_')
}

/** How a language writes names. */
export interface NameStyle {
  /** What the language is called. */
  readonly language: string
  readonly write: (words: readonly string[]) => string
  /** Names that mean something else: keywords, and what the library of the language declares. They get an underscore at their end. */
  readonly reserved: ReadonlySet<string>
}

/** The names of one file: each belongs to one thing. */
export interface Names {
  /**
   * Returns the name of a thing, such as `the event hit`. If its words are unknown, or another thing has that name, returns
   * `undefined` and adds to `missing`.
   */
  readonly claim: (thing: string, words: readonly string[] | undefined) => string | undefined
  /** Sentences about the things that have no name. */
  readonly missing: readonly string[]
}

/** Creates the names of one file. */
export function createNames({ language, write, reserved }: NameStyle): Names {
  const owners = new Map<string, string>()
  const missing: string[] = []
  return {
    missing,
    claim(thing, words) {
      const plain = words === undefined ? undefined : write(words)
      const name = plain !== undefined && reserved.has(plain) ? `${plain}_` : plain
      const owner = name === undefined ? undefined : owners.get(name)
      if (name !== undefined && owner === undefined) {
        owners.set(name, thing)
        return name
      }
      const why = owner === undefined ? `${language} cannot write its name` : `${language} writes its name as that of ${owner}`
      missing.push(`${escapeLine(thing.slice(0, 1).toUpperCase() + thing.slice(1))} is missing: ${escapeLine(why)}.`)
      return undefined
    },
  }
}
