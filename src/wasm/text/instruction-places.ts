import { instructionOffsets } from '../decode/instruction-offsets.ts'
import type { DecodedModule } from '../format/module.ts'
import { type WatToken, watTokens } from './tokens.ts'

/** A line and a column of a text, both from 1. */
export type TextPlace = Pick<WatToken, 'line' | 'column'>

/** The instructions whose names have no dot. */
const BARE: ReadonlySet<string> = new Set(
  `block loop if br br_if br_table br_on_null br_on_non_null br_on_cast br_on_cast_fail return call call_indirect call_ref
  return_call return_call_indirect return_call_ref nop unreachable drop select throw rethrow throw_ref try try_table catch
  catch_all delegate`.split(/\s+/),
)
const DOTTED = /^[a-z][a-z0-9_]*\.[a-z]/
/** Forms whose head is an instruction, which comes before those inside. */
const HEADED: ReadonlySet<string> = new Set(['block', 'loop', 'try', 'try_table'])
/** Forms that contain instructions and whose head is not an instruction. */
const ARMS: ReadonlySet<string> = new Set(['then', 'else', 'do'])
const HANDLERS: ReadonlySet<string> = new Set(['catch', 'catch_all', 'delegate'])

/** A parenthesized form that is open. */
interface Form {
  /** Its first word; `undefined` until it is read. */
  head: WatToken | undefined
  /**
   * What it contains: `fields` the fields of a module, `code` instructions, `if` a condition and two arms, `operands` the
   * operands of its head, which come before the head; `other` no instructions.
   */
  kind: 'fields' | 'code' | 'if' | 'operands' | 'other'
}

/**
 * Returns the place of each instruction in each function that a text defines, in the order of the binary and without `else`
 * and `end`. Imported functions are left out.
 */
export function instructionPlaces(text: string): readonly (readonly TextPlace[])[] {
  const functions: TextPlace[][] = []
  const forms: Form[] = [{ head: undefined, kind: 'fields' }]
  const add = ({ line, column }: WatToken): void => {
    functions.at(-1)?.push({ line, column })
  }
  for (const token of watTokens(text)) {
    const form = forms.at(-1) as Form
    if (token.text === '(') {
      forms.push({ head: undefined, kind: 'other' })
    } else if (token.text === ')') {
      forms.pop()
      if (form.kind === 'operands' && form.head !== undefined) add(form.head)
      if (forms.length === 0) return functions
    } else if (form.head === undefined && forms.length > 1) {
      form.head = token
      open(form, forms.at(-2) as Form, functions, add)
    } else if (form.kind === 'code' && isInstruction(token.text)) add(token)
  }
  return functions
}

/** Sets the kind of a form from its first word and the enclosing form. */
function open(form: Form, parent: Form, functions: TextPlace[][], add: (token: WatToken) => void): void {
  const head = form.head as WatToken
  const word = head.text
  if (parent.kind === 'fields') {
    if (word === 'module') form.kind = 'fields'
    if (word !== 'func') return
    form.kind = 'code'
    functions.push([])
  } else if (parent.kind === 'code') {
    if (word === 'import' && parent.head?.text === 'func') {
      functions.pop()
      parent.kind = 'other'
    } else if (ARMS.has(word)) form.kind = 'code'
    else if (HANDLERS.has(word)) {
      // The handlers of a `try_table` are labels, not instructions.
      if (parent.head?.text !== 'try') return
      form.kind = 'code'
      add(head)
    } else openInstruction(form, head, add)
  } else if (parent.kind === 'if') {
    if (!ARMS.has(word)) openInstruction(form, head, add)
    else {
      form.kind = 'code'
      if (word === 'then') add(parent.head as WatToken)
    }
  } else if (parent.kind === 'operands') openInstruction(form, head, add)
}

function openInstruction(form: Form, head: WatToken, add: (token: WatToken) => void): void {
  if (!isInstruction(head.text)) return
  if (head.text === 'if') form.kind = 'if'
  else if (HEADED.has(head.text)) {
    form.kind = 'code'
    add(head)
  } else form.kind = 'operands'
}

function isInstruction(word: string): boolean {
  return BARE.has(word) || DOTTED.test(word)
}

/**
 * Returns a function from an offset in the module to the place of its instruction in the text. The function returns
 * `undefined` for an offset outside of all functions, and for a function whose text and code do not match.
 */
export function instructionFinder(text: string, module: DecodedModule): (offset: number) => TextPlace | undefined {
  const places = instructionPlaces(text)
  return (offset) => {
    const index = module.bodies.findIndex(({ body }) => offset >= body.start && offset < body.end)
    if (index < 0 || places.length !== module.bodies.length) return undefined
    const own = places[index] as readonly TextPlace[]
    const offsets = instructionOffsets(module, index)
    if (own.length !== offsets.length) return undefined
    const next = offsets.findIndex((each) => each > offset)
    return own[(next < 0 ? offsets.length : next) - 1] ?? own[0]
  }
}
