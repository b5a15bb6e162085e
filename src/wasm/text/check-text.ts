import { ScriptError } from '../../errors.ts'
import { codeFrame } from './code-frame.ts'
import { type WatToken, watTokens } from './tokens.ts'

/*
 * The assembler takes seconds to hours for some texts, most of them with very many mistakes. They are found here first.
 */

/** A shorter text has too few mistakes to keep the assembler busy. Its mistakes are left to the assembler, which words them best. */
const LARGE = 65_536
/** The depth of nested blocks that wabt can assemble. It hangs on deeper ones. */
const MAX_NESTED = 128
/** Definitions of one name. wabt compares each with all others. */
const MAX_REPEATED = 100
/** Function types times places that write a type. wabt looks each up in a list. */
const MAX_TYPE_LOOKUPS = 30_000_000

const BLOCKS: ReadonlySet<string> = new Set(['block', 'loop', 'if', 'try', 'try_table'])
/** Fields of a module that define a name. */
const FIELDS: ReadonlySet<string> = new Set(['func', 'global', 'table', 'memory', 'elem', 'data', 'tag', 'type'])
const FIELD_PARENTS: ReadonlySet<string> = new Set(['', 'module', 'rec', 'import'])
/** Forms that write a function type. */
const TYPED: ReadonlySet<string> = new Set([...BLOCKS, 'func', 'tag', 'call_indirect', 'return_call_indirect'])
const WORD = /^[\w!#$%&'*+\-./:<=>?@\\^`|~]+$/
const ESCAPE = /^(?:[tnr"'\\]|[0-9a-f]{2}|u\{)/i

/** Throws `InvalidText` for a text that would keep the assembler busy for seconds, at the place of the mistake. */
export function checkText(text: string, file: string): void {
  const isLarge = text.length > LARGE
  if (!isLarge && (text.match(/\b(block|loop|if|try|try_table)\b/g)?.length ?? 0) <= MAX_NESTED) return
  const shape = new Shape(isLarge)
  for (const token of watTokens(text)) {
    const mistake = shape.pass(token) ?? (isLarge ? lexicalMistake(token.text) : undefined)
    if (mistake === undefined) continue
    const location = { file, line: token.line, column: token.column }
    throw new ScriptError('InvalidText', mistake, { location, frame: codeFrame(text, location) })
  }
}

/** Returns what is wrong with a token by itself. */
function lexicalMistake(text: string): string | undefined {
  if (text === '(' || text === ')') return undefined
  if (!text.startsWith('"')) return WORD.test(text) ? undefined : 'unexpected char'
  if (text.includes('\n')) return 'newline in string'
  for (let at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', at + 2)) {
    if (!ESCAPE.test(text.slice(at + 1, at + 3))) return `bad escape "${text.slice(at, at + 2)}"`
  }
  return undefined
}

/** A parenthesized form that is open. */
interface Form {
  /** Its first word; empty until it is read. */
  head: string
  /** How many words it has. */
  words: number
  /** The blocks that were open before it. */
  readonly nested: number
  /** The function type that it writes. */
  type: string
}

/** Counts, token by token, what takes the assembler long. */
class Shape {
  readonly #countsNames: boolean
  readonly #forms: Form[] = [{ head: '', words: 0, nested: 0, type: '' }]
  #nested = 0
  /** How often each name is defined; those of locals apart, which belong to a function. */
  readonly #defined = new Map<string, number>()
  readonly #locals = new Map<string, number>()
  #types = 0
  readonly #writtenTypes = new Set<string>()
  #lookups = 0

  constructor(countsNames: boolean) {
    this.#countsNames = countsNames
  }

  /** Returns what is wrong with the text up to a token. */
  pass({ text }: WatToken): string | undefined {
    const form = this.#forms.at(-1) as Form
    if (text === '(') {
      this.#forms.push({ head: '', words: 0, nested: this.#nested, type: '' })
      return undefined
    }
    if (text === ')') return this.#close(form)
    if (text === 'end') this.#nested = Math.max(0, this.#nested - 1)
    else if (BLOCKS.has(text) && ++this.#nested > MAX_NESTED)
      return `the blocks are nested too deeply: the assembler supports ${MAX_NESTED} levels`
    form.words++
    if (form.words === 1) form.head = text
    return this.#countsNames ? this.#countName(form, text) : undefined
  }

  #close({ head, nested, type }: Form): string | undefined {
    if (this.#forms.length > 1) this.#forms.pop()
    this.#nested = nested
    if (!this.#countsNames || type === '') return undefined
    if (head === 'param' || head === 'result') {
      const parent = this.#forms.at(-1) as Form
      if (TYPED.has(parent.head)) parent.type += `${head} ${type}`
      return undefined
    }
    this.#lookups++
    this.#writtenTypes.add(type)
    if (this.#lookups * (this.#types + this.#writtenTypes.size) <= MAX_TYPE_LOOKUPS) return undefined
    return 'the text has too many function types for the assembler; load the module that another assembler makes of it'
  }

  #countName(form: Form, text: string): string | undefined {
    const { head, words } = form
    const parent = this.#forms.at(-2)?.head ?? ''
    const isField = FIELDS.has(head) && FIELD_PARENTS.has(parent)
    if (words === 1) {
      if (isField && head === 'func') this.#locals.clear()
      if (isField && head === 'type') this.#types++
      return undefined
    }
    if ((head === 'param' || head === 'result') && !text.startsWith('$')) form.type += `${text} `
    if (words > 2) return undefined
    const isLocal = (head === 'param' || head === 'local') && parent === 'func'
    if (!text.startsWith(head === 'export' ? '"' : '$') || !(isField || isLocal || head === 'export')) return undefined
    const names = isLocal ? this.#locals : this.#defined
    const key = isLocal ? text : `${head} ${text}`
    const count = (names.get(key) ?? 0) + 1
    names.set(key, count)
    return count > MAX_REPEATED ? `redefinition of ${head} ${text}` : undefined
  }
}
