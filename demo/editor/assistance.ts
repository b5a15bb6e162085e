/** What a word means. */
export interface Explanation {
  /** The word and its signature. */
  readonly title: string
  /** Sentences about it, if there is anything to say. */
  readonly text: string
  /** Its fuel, if it costs any. */
  readonly fuel?: string
}

/** An explanation, and the word that it is about. */
export interface ExplainedWord extends Explanation {
  readonly from: number
  readonly to: number
}

/** A text to insert, and how many characters after the caret it replaces. */
export interface Insertion {
  readonly insert: string
  readonly skip: number
}

/** A word that fits at a position. */
export interface Proposal {
  readonly label: string
  readonly kind: 'instruction' | 'form' | 'name' | 'import' | 'export' | 'type'
  /** A short signature, shown beside the word. */
  readonly detail: string
  readonly explanation?: Explanation | undefined
  /** Returns what is inserted, given the rest of the line. @default the label */
  readonly finish?: (after: string) => Insertion
  /** Returns what is inserted elsewhere at the same time, before the word: an import of it. @default nothing */
  readonly also?: () => { readonly at: number; readonly insert: string }
}

/** The words that fit at a position, and where the word that they replace begins. */
export interface Proposals {
  readonly from: number
  readonly words: readonly Proposal[]
}

/** A range of a text. */
export interface Range {
  readonly from: number
  readonly to: number
}

/** What an editor can say about the texts of a language. Positions count characters from 0. */
export interface Assistance {
  /** Returns the words that fit at a position. */
  complete(text: string, position: number): Proposals | undefined
  /** Explains the word at a position. */
  explain(text: string, position: number): ExplainedWord | undefined
  /** Returns the place where the name at a position is defined. */
  define(text: string, position: number): Range | undefined
  /** Returns the range that can be folded at the line between two positions. */
  fold(text: string, from: number, to: number): Range | undefined
}
