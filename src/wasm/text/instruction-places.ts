import { instructionOffsets } from '../decode/instruction-offsets.ts'
import type { DecodedModule } from '../format/module.ts'
import { type WatToken, watTokens } from './tokens.ts'

/** A line and a column of a text, from 1. */
export type TextPlace = Pick<WatToken, 'line' | 'column'>

/** Instructions whose names have no dot. */
const BARE: ReadonlySet<string> = new Set(
  `block loop if br br_if br_table br_on_null br_on_non_null br_on_cast br_on_cast_fail return call call_indirect call_ref
  return_call return_call_indirect return_call_ref nop unreachable drop select throw rethrow throw_ref try try_table catch
  catch_all delegate`.split(/\s+/),
)
const DOTTED = /^[a-z][a-z0-9_]*\.[a-z]/
/** Forms that hold instructions, and whose head is one itself, which comes before them. */
const HEADED: ReadonlySet<string> = new Set(['block', 'loop', 'try', 'try_table'])
/** Forms that hold instructions, and whose head is none. */
const ARMS: ReadonlySet<string> = new Set(['then', 'else', 'do'])
const HANDLERS: ReadonlySet<string> = new Set(['catch', 'catch_all', 'delegate'])

/** What stands between two parentheses. */
interface Form {
  /** Its first word, once it was read. */
  head: WatToken | undefined
  /**
   * `fields` holds those of a module, `code` instructions, `if` its condition and its arms, `operands` the operands of an
   * instruction, which come before it; `other` holds no instruction.
   */
  kind: 'fields' | 'code' | 'if' | 'operands' | 'other'
}

/**
 * Where each instruction of each function stands that a text defines: in the order in which they are in the binary,
 * `else` and `end` left out. Of functions that the text imports there is nothing.
 */
export function instructionPlaces(text: string): readonly (readonly TextPlace[])[] {
  const functions: TextPlace[][] = []
  const forms: Form[] = [{ head: undefined, kind: 'fields' }]
  const tell = ({ line, column }: WatToken): void => {
    functions.at(-1)?.push({ line, column })
  }
  for (const token of watTokens(text)) {
    const form = forms.at(-1) as Form
    if (token.text === '(') {
      forms.push({ head: undefined, kind: 'other' })
    } else if (token.text === ')') {
      forms.pop()
      if (form.kind === 'operands' && form.head !== undefined) tell(form.head)
      if (forms.length === 0) return functions
    } else if (form.head === undefined && forms.length > 1) {
      form.head = token
      open(form, forms.at(-2) as Form, functions, tell)
    } else if (form.kind === 'code' && isInstruction(token.text)) tell(token)
  }
  return functions
}

/** Decides what a form is, by its first word and by the form around it. */
function open(form: Form, parent: Form, functions: TextPlace[][], tell: (token: WatToken) => void): void {
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
      // Those of a `try_table` are labels and no instructions.
      if (parent.head?.text !== 'try') return
      form.kind = 'code'
      tell(head)
    } else openInstruction(form, head, tell)
  } else if (parent.kind === 'if') {
    if (!ARMS.has(word)) openInstruction(form, head, tell)
    else {
      form.kind = 'code'
      if (word === 'then') tell(parent.head as WatToken)
    }
  } else if (parent.kind === 'operands') openInstruction(form, head, tell)
}

function openInstruction(form: Form, head: WatToken, tell: (token: WatToken) => void): void {
  if (!isInstruction(head.text)) return
  if (head.text === 'if') form.kind = 'if'
  else if (HEADED.has(head.text)) {
    form.kind = 'code'
    tell(head)
  } else form.kind = 'operands'
}

function isInstruction(word: string): boolean {
  return BARE.has(word) || DOTTED.test(word)
}

/**
 * Finds the place in the text of the instruction at an offset of the module that was made of it. Gives `undefined` for
 * what is in no function, and wherever the text and the module do not line up.
 */
export function instructionFinder(text: string, module: DecodedModule): (offset: number) => TextPlace | undefined {
  const places = instructionPlaces(text)
  return (offset) => {
    const index = module.bodies.findIndex(({ body }) => offset >= body.start && offset < body.end)
    if (index < 0 || places.length !== module.bodies.length) return undefined
    const own = places[index] as readonly TextPlace[]
    const offsets = instructionOffsets(module, index)
    if (own.length !== offsets.length) return undefined
    const behind = offsets.findIndex((each) => each > offset)
    return own[(behind < 0 ? offsets.length : behind) - 1] ?? own[0]
  }
}
