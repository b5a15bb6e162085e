import { type WatToken, watTokens } from './tokens.ts'

// wabt does not know all of the text format. Some of it is refused as if it were misspelt, and some is assembled wrongly.

/** What the assembler does not know, and where the text uses it. */
export interface AssemblerGap extends Pick<WatToken, 'line' | 'column'> {
  readonly what: string
}

/** Words that the assembler takes for typing errors. */
const UNKNOWN = new RegExp(
  `^(${[
    'call_ref|return_call_ref|ref\\.(as_non_null|i31|eq|test|cast)|br_on_(non_)?null|br_on_cast(_fail)?',
    'i31\\.get_[su]|(any|extern)\\.convert_(any|extern)|(any|eq|i31|struct|array|null(func|extern|exn)?)ref|rec',
    'i64\\.(add128|sub128|mul_wide_[su])|(struct|array)\\.[a-z0-9_]+|@.*|pagesize|component',
  ].join('|')})$`,
)
/** The last word before a heap type. */
const BEFORE_HEAP_TYPE: readonly string[] = ['ref', 'ref.null']
const HEAP_TYPE = /^(\$.|\d|null$|func$|extern$|exn$|any$|eq$|i31$|struct$|array$|none$|nofunc$|noextern$|noexn$)/
const TYPED_REFERENCE = 'typed references'
/** Kinds of type other than functions, and what they may be in. */
const TYPE_KIND = /^(struct|array|sub|cont)$/
const TYPE_PARENT = /^(type|sub)$/
/** The instructions that an initial value of a table begins with. */
const TABLE_VALUE = /^(ref\.|global\.get$)/

/** Returns the first typed reference, such as `(ref $type)`, which the assembler writes as another type. */
export function typedReference(text: string): AssemblerGap | undefined {
  if (!/\bref[\s(;]/.test(text)) return undefined
  let before: WatToken | undefined
  for (const token of watTokens(text)) {
    if (before?.text === '(' && token.text === 'ref') return gap(TYPED_REFERENCE, before)
    before = token
  }
  return undefined
}

/** A place where the assembler found a mistake. */
interface Place {
  readonly at: WatToken
  readonly before: WatToken | undefined
  readonly after: WatToken | undefined
  /** The first words of the forms that are open there, from the outermost. */
  readonly open: readonly string[]
}

/** Returns what the assembler does not know at a place where it found a mistake; `undefined` if the mistake is the author's. */
export function gapAt(text: string, line: number, column: number): AssemblerGap | undefined {
  const open: string[] = []
  let before: WatToken | undefined
  let at: WatToken | undefined
  for (const token of watTokens(text)) {
    if (at !== undefined) return gapIn({ before, at, after: token, open })
    if (token.line === line && token.column === column) at = token
    else {
      if (before?.text === '(') open.push(token.text)
      if (token.text === ')') open.pop()
      before = token
    }
  }
  return at && gapIn({ before, at, after: undefined, open })
}

/** A mistake may be reported at the word, at the parenthesis before it, or at the word after it. */
function gapIn({ before, at, after, open }: Place): AssemblerGap | undefined {
  if (before !== undefined && BEFORE_HEAP_TYPE.includes(before.text) && HEAP_TYPE.test(at.text)) return gap(TYPED_REFERENCE, before)
  const word = at.text === '(' ? after : at
  if (at.text === '(' && word?.text === 'ref') return gap(TYPED_REFERENCE, at)
  const form = open.at(-1) ?? ''
  if (word !== undefined && TYPE_KIND.test(word.text) && TYPE_PARENT.test(form)) return gap(`'${word.text}'`, word)
  if (at.text === '(' && word !== undefined && TABLE_VALUE.test(word.text) && form === 'table') return gap('initial values of tables', at)
  return unknownWord(word)
}

function unknownWord(token: WatToken | undefined): AssemblerGap | undefined {
  return token !== undefined && UNKNOWN.test(token.text) ? gap(`'${token.text}'`, token) : undefined
}

/**
 * Returns the first data segment that lies in another memory than the first, whose memory the assembler forgets. Call it only
 * if the module cannot be decoded.
 */
export function dataOfOtherMemory(text: string): AssemblerGap | undefined {
  /** The first word of each open form. */
  const open: WatToken[] = []
  let memories = 0
  let before: WatToken | undefined
  let segment: WatToken | undefined
  for (const token of watTokens(text)) {
    if (before?.text === '(') {
      open.push(token)
      const parent = open.at(-2)?.text
      if (token.text === 'memory' && parent !== 'data' && parent !== 'export') memories++
      if (token.text === 'data') segment = before
      const isInline = token.text === 'data' && parent === 'memory'
      const isExplicit = token.text === 'memory' && parent === 'data'
      if (memories > 1 && segment !== undefined && (isInline || isExplicit)) return gap('data segments of a second memory', segment)
    }
    if (token.text === ')') open.pop()
    before = token
  }
  return undefined
}

function gap(what: string, { line, column }: WatToken): AssemblerGap {
  return { what, line, column }
}
