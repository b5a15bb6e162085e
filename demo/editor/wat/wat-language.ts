import { type IndentContext, StreamLanguage, type StringStream } from '@codemirror/language'
import { indentOf, type Nesting, nest } from './nesting.ts'

/** The state of the highlighter. */
interface Place {
  /** The number of open block comments. */
  comments: number
  nesting: Nesting
  /** The previous token, comments and spaces excluded. */
  before: string
}

/** Matches the end of a word. */
const END = '(?![\\w.])'
const TYPE = new RegExp(`^(?:[if](?:32|64)|v128|funcref|externref|exnref|extern|exn|mut)${END}`)
const FORM = new RegExp(
  `^(?:module|func|param|result|local|global|memory|table|type|import|export|start|elem|data|offset|item|tag|catch|catch_ref|catch_all|catch_all_ref|declare)${END}`,
)
const FLOW = new RegExp(
  `^(?:block|loop|if|then|else|end|br|br_if|br_table|return|call|call_indirect|return_call|return_call_indirect|unreachable|nop|drop|select|try|try_table|throw|throw_ref)${END}`,
)
const NUMBER = /^[+-]?(?:0x[\da-f_]+(?:\.[\da-f_]*)?(?:p[+-]?\d+)?|\d[\d_]*(?:\.[\d_]*)?(?:e[+-]?\d+)?|inf|nan(?::0x[\da-f_]+)?)(?![\w.])/i

/** The kinds of token; the first match applies. Any other word is an instruction, such as `f32.add`. */
const TOKENS: readonly (readonly [RegExp, string])[] = [
  [/^"(?:[^"\\]|\\.)*"?/, 'string'],
  [/^[()]/, 'bracket'],
  [/^\$[^\s"(),;[\]{}]+/, 'variableName'],
  [NUMBER, 'number'],
  [/^(?:offset|align)=/, 'propertyName'],
  [TYPE, 'typeName'],
  [FORM, 'keyword'],
  [FLOW, 'controlKeyword'],
  [/^[a-z][\w.]*/, 'operator'],
]

/** The text format of WebAssembly: its highlighting, comments and indentation. */
export const watLanguage: StreamLanguage<Place> = StreamLanguage.define<Place>({
  name: 'wat',
  startState: () => ({ comments: 0, nesting: [], before: '' }),
  copyState: (place) => ({ ...place }),
  token(stream, place) {
    if (place.comments > 0 || stream.match('(;')) return readComment(stream, place)
    if (stream.eatSpace()) return null
    if (stream.match(';;')) {
      stream.skipToEnd()
      return 'comment'
    }
    for (const [expression, kind] of TOKENS) {
      if (!stream.match(expression)) continue
      const token = stream.current()
      place.nesting = nest(place.nesting, token, place.before, stream.indentation())
      place.before = token
      return kind
    }
    stream.next()
    return null
  },
  indent({ comments, nesting }, after, context) {
    if (comments > 0) return null
    // A line that Enter begins before a parenthesis is for what comes before it.
    return indentOf(nesting, (context as IndentContext).simulatedBreak === null ? after : after.replace(/^\s*\)+/, ''))
  },
  languageData: {
    closeBrackets: { brackets: ['(', '"'] },
    commentTokens: { line: ';;', block: { open: '(;', close: ';)' } },
    indentOnInput: /^\s*\)$/,
  },
})

/** Reads a part of a block comment. Block comments nest. */
function readComment(stream: StringStream, place: Place): string {
  if (place.comments === 0) place.comments = 1
  while (!stream.eol() && place.comments > 0) {
    if (stream.match('(;')) place.comments++
    else if (stream.match(';)')) place.comments--
    else stream.next()
  }
  return 'comment'
}
