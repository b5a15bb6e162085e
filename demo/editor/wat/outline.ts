/** What a `$name` names. Each space has names of its own. */
export type Space = 'func' | 'global' | 'local' | 'label' | 'memory' | 'table' | 'type' | 'elem' | 'data' | 'tag'

/** A parenthesized form, or a block without parentheses up to its `end`. */
export interface Form {
  /** Its first word; empty until one is written, and for the whole text. */
  head: string
  readonly from: number
  /** The position after its end. */
  to: number
  readonly parent: Form | undefined
  readonly isBlock: boolean
  isClosed: boolean
}

/** A word, a parenthesis or a string with its quotes, and where it is. */
export interface Token {
  readonly text: string
  readonly from: number
  readonly to: number
  /** The innermost form that contains it. A parenthesis is part of the form that it opens or closes. */
  readonly form: Form
  /** The last word before it in the same form that is neither a name nor a number nor a string: the instruction of an operand. */
  readonly lead: string
}

/** The place where a name is defined. */
export interface Definition {
  readonly name: string
  readonly space: Space
  readonly from: number
  readonly to: number
  /** The form that defines it. */
  readonly form: Form
  /** The form in which it can be used; the whole text for names of the module. */
  readonly scope: Form
}

/** A comment with its signs. */
export interface Comment {
  readonly from: number
  readonly to: number
  readonly isBlock: boolean
}

/** The structure of a WAT text, which may be incomplete. */
export interface Outline {
  readonly text: string
  readonly tokens: readonly Token[]
  /** In the order in which they open. */
  readonly forms: readonly Form[]
  readonly definitions: readonly Definition[]
  readonly comments: readonly Comment[]
}

const TOKEN = /\s+|;;[^\n]*|\(;|"(?:[^"\\\n]|\\.)*"?|[()]|[^\s()";]+|;/gy
const COMMENT_BOUND = /\(;|;\)/g
const BLOCK = /^(?:block|loop|if|try|try_table)$/
const NUMBER = /^[+-]?(?:\d|inf$|nan)/
const FIELD = /^(?:func|global|memory|table|type|elem|data|tag)$/
const FIELD_PARENT = /^(?:|module|import|rec)$/

/** The space of the names that follow a word. The first match applies. */
const USES: readonly (readonly [RegExp, Space])[] = [
  [/^(?:call|return_call|ref\.func|start|func|elem|declare)$/, 'func'],
  [/^local\./, 'local'],
  [/^global(?:\.|$)/, 'global'],
  [/^(?:br|br_if|br_table|br_on_\w+|delegate|rethrow|catch_all|catch_all_ref)$/, 'label'],
  [/^(?:throw|tag)$/, 'tag'],
  [/^(?:memory\.init|data\.drop)$/, 'data'],
  [/^(?:table\.init|elem\.drop)$/, 'elem'],
  [/^(?:memory(?:$|\.)|(?:[if](?:32|64)|v128)\.(?:load|store))/, 'memory'],
  [/^(?:table(?:$|\.)|call_indirect$|return_call_indirect$)/, 'table'],
  [/^(?:type|ref|sub|call_ref|return_call_ref|(?:struct|array)\.\w+|ref\.(?:null|cast|test))$/, 'type'],
]

/** Reads the structure of a text. */
export function outlineOf(text: string): Outline {
  const tokens: Token[] = []
  const forms: Form[] = []
  const definitions: Definition[] = []
  const comments: Comment[] = []
  const whole = formAt('', 0, text.length, undefined, false)
  let form = whole
  /** The values of `lead` and the number of words in each open form. */
  const leads = new Map<Form, string>()
  const words = new Map<Form, number>()

  const close = (end: number): void => {
    form.to = end
    form.isClosed = true
    form = form.parent as Form
  }
  const open = (from: number, head: string, isBlock: boolean): void => {
    form = formAt(head, from, text.length, form, isBlock)
    forms.push(form)
  }
  const add = (word: string, from: number): void => {
    tokens.push({ text: word, from, to: from + word.length, form, lead: leads.get(form) ?? '' })
  }

  let at = 0
  while (at < text.length) {
    TOKEN.lastIndex = at
    const word = TOKEN.exec(text)?.[0] ?? (text[at] as string)
    const from = at
    at += word.length
    if (/^\s/.test(word)) continue
    if (word.startsWith(';;') || word === '(;') {
      if (word === '(;') at = endOfComment(text, from)
      comments.push({ from, to: at, isBlock: word === '(;' })
    } else if (word === '(') {
      open(from, '', false)
      add(word, from)
    } else if (word === ')') {
      // A block without its `end` ends with the form around it.
      while (form.isBlock) close(from)
      add(word, from)
      if (form !== whole) close(at)
    } else if (word.startsWith('"')) add(word, from)
    else {
      const isFirst = !form.isBlock && form !== whole && !words.has(form)
      if (!isFirst && BLOCK.test(word)) open(from, word, true)
      else if (isFirst) form.head = word
      const count = words.get(form) ?? 0
      add(word, from)
      if (word.startsWith('$') && count === 1) define(word, from)
      words.set(form, count + 1)
      if (!word.startsWith('$') && !NUMBER.test(word)) leads.set(form, word)
      if (!isFirst && word === 'end' && form.isBlock) close(at)
    }
  }
  while (form !== whole) {
    form.to = text.length
    form = form.parent as Form
  }

  function define(name: string, from: number): void {
    const space = definedSpace(form)
    if (space === undefined) return
    const scope = space === 'label' ? form : space === 'local' ? enclosing(form, 'func') : whole
    if (scope !== undefined) definitions.push({ name, space, from, to: from + name.length, form, scope })
  }
  return { text, tokens, forms, definitions, comments }
}

function formAt(head: string, from: number, to: number, parent: Form | undefined, isBlock: boolean): Form {
  return { head, from, to, parent, isBlock, isClosed: false }
}

function endOfComment(text: string, from: number): number {
  let depth = 0
  COMMENT_BOUND.lastIndex = from
  for (let match = COMMENT_BOUND.exec(text); match !== null; match = COMMENT_BOUND.exec(text)) {
    depth += match[0] === '(;' ? 1 : -1
    if (depth === 0) return COMMENT_BOUND.lastIndex
  }
  return text.length
}

/** Returns the space in which the second word of a form defines a name; `undefined` if it defines none. */
function definedSpace({ head, parent }: Form): Space | undefined {
  if (BLOCK.test(head)) return 'label'
  if (head === 'param' || head === 'local') return 'local'
  if (FIELD.test(head) && FIELD_PARENT.test(parent?.head ?? '')) return head as Space
  return undefined
}

/** Returns the innermost form with a head that contains a form, or is it. */
export function enclosing(form: Form | undefined, head: string): Form | undefined {
  for (let each = form; each !== undefined; each = each.parent) if (each.head === head) return each
  return undefined
}

/** Returns the token that contains a position or ends at it; `undefined` between tokens. Of two that touch, returns the word. */
export function tokenAt({ tokens }: Outline, position: number): Token | undefined {
  const index = tokens.findLastIndex(({ from }) => from <= position)
  const found = tokens[index]
  if (found === undefined || found.to < position) return undefined
  const before = tokens[index - 1]
  return /^[()]$/.test(found.text) && before?.to === position && !/^[()]$/.test(before.text) ? before : found
}

/** Returns whether a position is inside a comment. */
export function isInComment({ comments, text }: Outline, position: number): boolean {
  return comments.some(
    ({ from, to, isBlock }) => from < position && (position < to || (position === to && (!isBlock || !text.endsWith(';)', to)))),
  )
}

/** Returns the innermost form that contains a position. */
export function formAround({ forms }: Outline, position: number): Form | undefined {
  return forms.findLast(({ from, to, isClosed }) => from < position && (position < to || (!isClosed && position === to)))
}

/** Returns the space of the names that a word expects; `undefined` if it may be any. */
export function spaceAfter(lead: string): Space | undefined {
  return USES.find(([word]) => word.test(lead))?.[1]
}

/** Returns the definition of the name at a position. */
export function definitionAt(outline: Outline, position: number): Definition | undefined {
  const token = tokenAt(outline, position)
  if (token === undefined || !token.text.startsWith('$')) return undefined
  const own = outline.definitions.find(({ from }) => from === token.from)
  if (own !== undefined) return own
  return visibleAt(outline, position, spaceAfter(token.lead)).find(({ name }) => name === token.text)
}

/** Returns the definitions that can be used at a position, the innermost first, of one space or of all. */
export function visibleAt({ definitions }: Outline, position: number, space: Space | undefined): Definition[] {
  return definitions
    .filter((each) => (space === undefined || each.space === space) && each.scope.from <= position && position <= each.scope.to)
    .sort((one, other) => other.scope.from - one.scope.from)
}
