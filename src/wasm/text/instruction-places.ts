import { instructionOffsets } from '../decode/instruction-offsets.ts'
import type { DecodedModule } from '../format/module.ts'
import { type WatToken, watTokens } from './tokens.ts'

/** A line and a column of a text, both from 1. */
export type TextPlace = Pick<WatToken, 'line' | 'column'>

/** The place of an instruction, and that of the statement that it belongs to: the same object for all instructions of one. */
export interface StatementPlace extends TextPlace {
  readonly statement: TextPlace
}

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
  /** The statement that it belongs to, if it is an instruction or an operand of one. */
  statement?: TextPlace
  /** The statement of the last instruction without parentheses in it. */
  flat?: TextPlace
}

/** Adds an instruction. */
type AddPlace = (token: WatToken, form: Form) => void

/**
 * Returns the place of each instruction in each function that a text defines, in the order of the binary and without `else`
 * and `end`. Imported functions are left out.
 */
export function instructionPlaces(text: string): readonly (readonly TextPlace[])[] {
  return statementPlaces(text).map((places) => places.map(({ line, column }) => ({ line, column })))
}

/**
 * Returns the same with the statement of each instruction: a form with its operands, or the instructions without parentheses that one line
 * has in a row.
 */
export function statementPlaces(text: string): readonly (readonly StatementPlace[])[] {
  const functions: StatementPlace[][] = []
  const forms: Form[] = [{ head: undefined, kind: 'fields' }]
  const add: AddPlace = ({ line, column }, { statement }) => {
    const place = { line, column }
    functions.at(-1)?.push({ ...place, statement: statement ?? place })
  }
  const addFlat = ({ line, column }: WatToken, form: Form): void => {
    const statement = form.flat?.line === line ? form.flat : { line, column }
    form.flat = statement
    functions.at(-1)?.push({ line, column, statement })
  }
  for (const token of watTokens(text)) {
    const form = forms.at(-1) as Form
    if (token.text === '(') {
      forms.push({ head: undefined, kind: 'other' })
    } else if (token.text === ')') {
      forms.pop()
      if (form.kind === 'operands' && form.head !== undefined) add(form.head, form)
      if (forms.length === 0) return functions
    } else if (form.head === undefined && forms.length > 1) {
      form.head = token
      open(form, forms.at(-2) as Form, functions, add)
    } else if (form.kind === 'code' && isInstruction(token.text)) addFlat(token, form)
  }
  return functions
}

/** Sets the kind of a form from its first word and the enclosing form. */
function open(form: Form, parent: Form, functions: StatementPlace[][], add: AddPlace): void {
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
      add(head, form)
    } else {
      form.statement = { line: head.line, column: head.column }
      openInstruction(form, head, add)
    }
  } else if (parent.kind === 'if') {
    if (!ARMS.has(word)) openOperand(form, parent, head, add)
    else {
      form.kind = 'code'
      if (word === 'then') add(parent.head as WatToken, parent)
    }
  } else if (parent.kind === 'operands') openOperand(form, parent, head, add)
}

function openOperand(form: Form, { statement }: Form, head: WatToken, add: AddPlace): void {
  if (statement !== undefined) form.statement = statement
  openInstruction(form, head, add)
}

function openInstruction(form: Form, head: WatToken, add: AddPlace): void {
  if (!isInstruction(head.text)) return
  if (head.text === 'if') form.kind = 'if'
  else if (HEADED.has(head.text)) {
    form.kind = 'code'
    add(head, form)
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
