import { EXPORTS, type GameDescription, IMPORTS, PRICES } from 'bitscript'
import { type Vocabulary, vocabularyOf } from '../../../demo/editor/vocabulary.ts'

const GAME: GameDescription = {
  components: [
    {
      name: 'Position',
      fields: [
        { name: 'x', type: 'f32', price: 0 },
        { name: 'y', type: 'f32', price: 0 },
      ],
    },
    { name: 'Health', fields: [{ name: 'points', type: 'u16', price: 14 }] },
    { name: 'Dead', fields: [] },
  ],
  relations: ['Follows'],
  hostFunctions: new Map([['audio', ['play', 'stop']]]),
  events: new Map([['hurt', [['i32', 'f32']]]]),
  scripts: ['drift'],
  imports: [{ module: 'audio', name: 'play', params: ['i32'], results: [] }],
}

/** The vocabulary of a small game. */
export const WORDS: Vocabulary = vocabularyOf({ imports: IMPORTS, exports: EXPORTS, prices: PRICES }, GAME)
