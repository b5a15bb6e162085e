/** What a query asks of an entity: the components it has, and those it has not. */
export interface QueryTerms {
  readonly all: readonly string[]
  readonly none: readonly string[]
  /** The same for the same terms, in whatever order they were written. */
  readonly key: string
}

/** Reads `Position Velocity !Dead`; a `!` by itself is a component without a name. Gives `undefined` where no term is left. */
export function parseTerms(text: string): QueryTerms | undefined {
  const terms = [...new Set(text.split(/\s+/).filter((term) => term !== ''))].sort()
  if (terms.length === 0) return undefined
  return {
    all: terms.filter((term) => !term.startsWith('!')),
    none: terms.filter((term) => term.startsWith('!')).map((term) => term.slice(1)),
    key: terms.join(' '),
  }
}
