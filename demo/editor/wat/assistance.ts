import type { Assistance } from '../assistance.ts'
import type { Vocabulary } from '../vocabulary.ts'
import { completeAt } from './complete.ts'
import { explainAt } from './explain.ts'
import { foldAt } from './fold.ts'
import { definitionAt, type Outline, outlineOf } from './outline.ts'

/** Returns the assistance for WAT. `words` returns what scripts of the running game can name. */
export function watAssistance(words: () => Vocabulary): Assistance {
  let last: Outline | undefined
  const outline = (text: string): Outline => {
    if (last?.text !== text) last = outlineOf(text)
    return last
  }
  return {
    complete: (text, position) => completeAt(outline(text), position, words()),
    explain: (text, position) => explainAt(outline(text), position, words()),
    define: (text, position) => definitionAt(outline(text), position),
    fold: (text, from, to) => foldAt(outline(text), from, to),
  }
}
