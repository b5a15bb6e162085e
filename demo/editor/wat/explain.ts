import type { ExplainedWord, Explanation } from '../assistance.ts'
import { callFuel, findImport, typeText, type Vocabulary } from '../vocabulary.ts'
import { fuelOf, INSTRUCTIONS } from './instructions.ts'
import { type Definition, definitionAt, type Form, isInComment, type Outline, type Token, tokenAt } from './outline.ts'

/** The words that are no instructions. */
const FORMS: ReadonlyMap<string, string> = new Map([
  ['module', 'the script'],
  ['import', 'a function of the runtime or of the game, by module and name'],
  ['export', 'a name under which the runtime or the game reaches something of the script'],
  ['func', 'a function'],
  ['param', 'a parameter of the function, or several without names'],
  ['result', 'the types that the function or the block gives'],
  ['local', 'a variable of the function, which begins at 0'],
  ['global', 'a variable of the script; (mut …) lets it change'],
  ['mut', 'the global may change'],
  ['memory', 'bytes of the script, in pages of 65,536; export it to pass text'],
  ['data', 'bytes that are written to the memory at first'],
  ['table', 'functions that call_indirect calls by index'],
  ['elem', 'functions that are written to a table at first'],
  ['type', 'a type of functions, by name'],
  ['start', 'a function that is called when the script is loaded'],
  ['tag', 'a kind of exception'],
  ['then', 'what is done if the number is not 0'],
  ['else', 'what is done if the number is 0'],
  ['end', 'the end of a block without parentheses'],
  ['i32', 'an integer of 32 bits; an entity is one'],
  ['i64', 'an integer of 64 bits'],
  ['f32', 'a float of 32 bits'],
  ['f64', 'a float of 64 bits'],
  ['v128', 'a vector of 128 bits'],
  ['funcref', 'a reference to a function'],
  ['externref', 'a reference to something of the host'],
])

/** Explains the word at a position. */
export function explainAt(outline: Outline, position: number, words: Vocabulary): ExplainedWord | undefined {
  const token = tokenAt(outline, position)
  if (token === undefined || isInComment(outline, position)) return undefined
  const explanation = explain(outline, token, words)
  return explanation === undefined ? undefined : { ...explanation, from: token.from, to: token.to }
}

function explain(outline: Outline, token: Token, words: Vocabulary): Explanation | undefined {
  const { text, form, from } = token
  if (text.startsWith('$')) {
    const definition = definitionAt(outline, from)
    return definition === undefined ? undefined : explainDefinition(outline, definition, words)
  }
  if (text.startsWith('"')) {
    if (form.head === 'import') return explainImport(outline, form, words)
    return form.head === 'export' ? explainExport(unquote(text), words) : undefined
  }
  return explainInstruction(text, words) ?? explainForm(text)
}

/** Explains a word that is no instruction. */
export function explainForm(name: string): Explanation | undefined {
  const text = FORMS.get(name)
  return text === undefined ? undefined : { title: name, text }
}

/** Explains an instruction. */
export function explainInstruction(name: string, { prices }: Vocabulary): Explanation | undefined {
  const found = INSTRUCTIONS.get(name)
  if (found === undefined) return undefined
  const title = `${name}${found.operands === '' ? '' : ` ${found.operands}`}: ${found.type}`
  return { title, text: found.meaning, fuel: fuelOf(name, prices) }
}

/** Explains an export that the runtime knows. */
export function explainExport(name: string, { exports }: Vocabulary): Explanation | undefined {
  const found =
    exports.find((each) => each.name === name) ?? (/^on_\w/.test(name) ? exports.find((each) => each.name === 'on_<event>') : undefined)
  if (found === undefined) return undefined
  const types = (found.signatures ?? []).map(({ params, results }) => typeText(params, results) || 'no parameters').join(', or ')
  return { title: types === '' ? name : `${name}: ${types}`, text: `${found.kind === 'func' ? 'Called' : 'Read'} ${found.when}` }
}

function explainDefinition(outline: Outline, { form, space, name }: Definition, words: Vocabulary): Explanation {
  const comment = commentAbove(outline, form)
  const imported = form.parent?.head === 'import' ? explainImport(outline, form.parent, words) : undefined
  const head = space === 'label' ? `${form.head} ${name}` : headOf(outline, form)
  return {
    title: head,
    text: [imported === undefined ? '' : `${imported.title.split(' (')[0]}: ${imported.text}`, comment]
      .filter((each) => each !== '')
      .join('. '),
    ...(imported?.fuel !== undefined && { fuel: imported.fuel }),
  }
}

/** Returns the two names of an import. */
export function importNames({ tokens }: Outline, form: Form): readonly [module: string, name: string] {
  const [module = '', name = ''] = tokens.filter((each) => each.form === form && each.text.startsWith('"')).map(({ text }) => unquote(text))
  return [module, name]
}

function explainImport(outline: Outline, form: Form, words: Vocabulary): Explanation | undefined {
  const [module, name] = importNames(outline, form)
  const found = findImport(words, module, name)
  if (found === undefined) return undefined
  const type = found.params === undefined ? '' : typeText(found.params, found.results)
  return { title: `${module} ${name} ${type}`.trimEnd(), text: found.meaning, fuel: callFuel(found.price) }
}

/** Returns what a form says before its instructions: `func $turn (param $x f32) (result f32)`. */
function headOf({ text, tokens, forms }: Outline, form: Form): string {
  const first = forms.find(
    (each) => each.parent === form && form.head === 'func' && !/^(?:param|result|type|export|import)$/.test(each.head),
  )
  const flat = tokens.find(
    (each) => each.form === form && each.from > form.from + 1 && form.head === 'func' && /^[a-z]/.test(each.text) && each.text !== 'func',
  )
  const end = Math.min(first?.from ?? form.to, flat?.from ?? form.to)
  const head = text
    .slice(form.from, end)
    .replace(/;;[^\n]*/g, '')
    .replace(/\s+/g, ' ')
    .trim()
  const shown = head.replace(/^\(/, '')
  return (form.isClosed && end === form.to ? shown.replace(/\)$/, '') : shown).slice(0, 200)
}

/** Returns the comment in the lines above a form. */
function commentAbove({ text, comments }: Outline, { from }: Form): string {
  const lines: string[] = []
  let at = text.lastIndexOf('\n', from - 1) + 1
  for (;;) {
    const comment = comments.find((each) => !each.isBlock && each.to === at - 1)
    if (comment === undefined || text.slice(text.lastIndexOf('\n', comment.from) + 1, comment.from).trim() !== '') break
    lines.unshift(text.slice(comment.from, comment.to).replace(/^;+\s*/, ''))
    at = text.lastIndexOf('\n', comment.from) + 1
  }
  return lines.join(' ').trim().replace(/\.$/, '')
}

function unquote(text: string): string {
  return text.slice(1, text.length > 1 && text.endsWith('"') ? -1 : undefined)
}
