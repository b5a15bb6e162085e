/** The terms of a query by component name. */
export interface QueryTerms {
  /** The components that an entity must have. */
  readonly all: readonly string[]
  /** The components that an entity must not have. */
  readonly none: readonly string[]
  /** The terms in a fixed order: equal for equal queries. */
  readonly key: string
}

/** Parses terms such as `Position Velocity !Dead`; returns `undefined` for a text without terms. A lone `!` names the component ''. */
export function parseTerms(text: string): QueryTerms | undefined {
  const terms = [...new Set(text.split(/\s+/).filter((term) => term !== ''))].sort()
  if (terms.length === 0) return undefined
  return {
    all: terms.filter((term) => !term.startsWith('!')),
    none: terms.filter((term) => term.startsWith('!')).map((term) => term.slice(1)),
    key: terms.join(' '),
  }
}
