import type { Insertion, Proposal, Proposals } from '../assistance.ts'
import { callFuel, type ImportedFunction, typeText, type Vocabulary } from '../vocabulary.ts'
import { explainExport, explainForm, explainInstruction, importNames } from './explain.ts'
import { INSTRUCTIONS } from './instructions.ts'
import { enclosing, formAround, isInComment, type Outline, spaceAfter, type Token, tokenAt, visibleAt } from './outline.ts'

const TYPES: readonly string[] = ['i32', 'i64', 'f32', 'f64', 'v128', 'funcref', 'externref']
/** The forms that fit in a form. */
const CHILDREN: Readonly<Record<string, readonly string[]>> = {
  '': ['module'],
  module: ['import', 'func', 'global', 'memory', 'data', 'table', 'elem', 'type', 'export', 'start', 'tag'],
  import: ['func', 'global', 'memory', 'table', 'tag'],
  export: ['func', 'global', 'memory', 'table', 'tag'],
  global: ['mut', 'export', 'import'],
  type: ['func'],
}
const FUNCTION_PARTS: readonly string[] = ['export', 'param', 'result', 'local', 'type']
const NO_WORD = /^[()"]|^[+-]?\d/

/** Returns the words that fit at a position. */
export function completeAt(outline: Outline, position: number, vocabulary: Vocabulary): Proposals | undefined {
  if (isInComment(outline, position)) return undefined
  const token = tokenAt(outline, position)
  const isWord = token !== undefined && token.from < position && !/^[()]$/.test(token.text)
  if (isWord && token.text.startsWith('"')) return completeString(outline, token, position, vocabulary)
  if (isWord && NO_WORD.test(token.text)) return undefined
  const from = isWord ? token.from : position
  const words = wordsAt(outline, isWord ? token : undefined, position, vocabulary)
  return words.length === 0 ? undefined : { from, words }
}

function wordsAt(outline: Outline, token: Token | undefined, position: number, vocabulary: Vocabulary): Proposal[] {
  const form = token?.form ?? formAround(outline, position)
  const before = outline.tokens.findLast(({ from }) => from < (token?.from ?? position))
  const isHead = before?.text === '(' && before.form === form
  const lead = token?.lead ?? leadBefore(outline, position)
  if (token?.text.startsWith('$')) return namesAt(outline, position, lead)
  if (isHead) return headsIn(form?.parent?.head ?? '', enclosing(form?.parent, 'func') !== undefined, vocabulary)
  const head = form?.head ?? ''
  if (/^(?:param|result|local|global|mut|table|ref|select|elem)$/.test(head))
    return head === 'elem' ? namesAt(outline, position, 'func') : types()
  const names = spaceAfter(lead) === undefined ? [] : namesAt(outline, position, lead)
  // Without parentheses, an instruction may follow an instruction.
  const mayFollow = enclosing(form, 'func') !== undefined && !(form !== undefined && INSTRUCTIONS.has(head) && !form.isBlock)
  return mayFollow && (names.length === 0 || before?.text !== lead) ? instructions(vocabulary) : names
}

function leadBefore({ tokens }: Outline, position: number): string {
  const before = tokens.findLast(({ to }) => to <= position)
  if (before === undefined || /^[()]$/.test(before.text)) return ''
  return /^[$"+\-\d]/.test(before.text) ? before.lead : before.text
}

function headsIn(parent: string, isCode: boolean, vocabulary: Vocabulary): Proposal[] {
  const forms = (names: readonly string[]): Proposal[] => names.map((name) => form(name))
  if (parent === 'if') return [...forms(['then', 'else', 'result']), ...instructions(vocabulary)]
  if (CHILDREN[parent] !== undefined && parent !== 'global') return forms(CHILDREN[parent])
  if (parent === 'func' && isCode) return [...forms(FUNCTION_PARTS), ...instructions(vocabulary)]
  if (isCode) return [...(/^(?:block|loop)$/.test(parent) ? forms(['result']) : []), ...instructions(vocabulary)]
  if (parent === 'global') return [...forms(CHILDREN.global as string[]), ...constants(vocabulary)]
  return constants(vocabulary)
}

function form(name: string): Proposal {
  return { label: name, kind: 'form', detail: '', explanation: explainForm(name) }
}

function types(): Proposal[] {
  return TYPES.map((name) => ({ label: name, kind: 'type', detail: '', explanation: explainForm(name) }))
}

function instructions(vocabulary: Vocabulary): Proposal[] {
  return [...INSTRUCTIONS.values()].map(({ name, type }) => ({
    ...{ label: name, kind: 'instruction', detail: type },
    get explanation() {
      return explainInstruction(name, vocabulary)
    },
  }))
}

/** The instructions whose value is known when the script is loaded. */
function constants(vocabulary: Vocabulary): Proposal[] {
  return instructions(vocabulary).filter(({ label }) => /\.const$|^global\.get$|^ref\./.test(label))
}

function namesAt(outline: Outline, position: number, lead: string): Proposal[] {
  const seen = new Set<string>()
  return visibleAt(outline, position, spaceAfter(lead)).flatMap(({ name, space, form: defined, from }) => {
    // The name that is being written is no proposal.
    if (seen.has(name) || (from < position && position <= from + name.length)) return []
    seen.add(name)
    const start = outline.text.slice(defined.from, Math.min(defined.to, defined.from + 200)).split('\n')[0] as string
    const type = /\((?:param|result|mut)[^;]*|\b[if](?:32|64)\b/.exec(start.slice(start.indexOf(name) + name.length))?.[0] ?? ''
    return [
      {
        label: name,
        kind: 'name' as const,
        detail: space === 'func' ? signatureOf(start) : space === 'label' ? defined.head : type.replace(/[()].*/, ''),
      },
    ]
  })
}

function signatureOf(header: string): string {
  const parts = [...header.matchAll(/\((?:param|result)\b[^()]*\)/g)].map(([part]) => part)
  return parts.join(' ')
}

function completeString(
  outline: Outline,
  { form: container, from, text }: Token,
  position: number,
  vocabulary: Vocabulary,
): Proposals | undefined {
  // A caret after the closing quote is not in the string.
  if (position > from + 1 && position === from + text.length && text.endsWith('"') && text.length > 1) return undefined
  if (container.head === 'export') {
    const events = vocabulary.events.map((event) => `on_${event}`)
    const names = [...vocabulary.exports.map(({ name }) => name).filter((name) => !name.includes('<')), ...events]
    return {
      from: from + 1,
      words: names.map((label) => ({ label, kind: 'export', detail: '', explanation: explainExport(label, vocabulary) })),
    }
  }
  if (container.head !== 'import') return undefined
  const strings = outline.tokens.filter((each) => each.form === container && each.text.startsWith('"'))
  if (strings[0]?.from === from) {
    const all = [...vocabulary.imports, ...vocabulary.open]
    const modules = [...new Set(all.map(({ module }) => module))]
    return {
      from: from + 1,
      words: modules.map((label) =>
        moduleProposal(
          label,
          all.filter(({ module }) => module === label),
        ),
      ),
    }
  }
  const [module] = importNames(outline, container)
  if (module === 'ecs.query' || module === 'ecs.entity') return completeTerms(outline, container, module, position, vocabulary)
  return { from: from + 1, words: vocabulary.imports.filter((each) => each.module === module).map((each) => importProposal(outline, each)) }
}

function moduleProposal(label: string, functions: readonly ImportedFunction[]): Proposal {
  const names = [...new Set(functions.map(({ name }) => name))]
  const text = names.length === 1 ? (functions[0]?.meaning ?? '') : `${names.slice(0, 12).join(', ')}${names.length > 12 ? ', …' : ''}`
  return { label, kind: 'import', detail: names.length === 1 ? '' : `${names.length} names`, explanation: { title: label, text } }
}

function importProposal(outline: Outline, imported: ImportedFunction): Proposal {
  const { module, name, params, results, price, meaning } = imported
  const type = params === undefined ? '' : typeText(params, results)
  const explanation = { title: `${module} ${name} ${type}`.trimEnd(), text: meaning, fuel: callFuel(price) }
  return { label: name, kind: 'import', detail: type, explanation, finish: (after) => importText(imported, after, nameTest(outline)) }
}

/** The terms of a query: the components, each also excluded, and for `ecs.entity` the queries that the script runs. */
function completeTerms(
  outline: Outline,
  container: { readonly from: number },
  module: string,
  position: number,
  vocabulary: Vocabulary,
): Proposals {
  const start = /[^\s"]*$/.exec(outline.text.slice(container.from, position))?.[0] ?? ''
  const known = vocabulary.open.find((each) => each.module === module)
  const queries =
    module === 'ecs.query'
      ? []
      : outline.forms.flatMap((each) => {
          const [from, terms] = each.head === 'import' ? importNames(outline, each) : ['', '']
          return from === 'ecs.query' ? [terms] : []
        })
  const terms = vocabulary.components.flatMap((name) => [name, `!${name}`])
  return {
    from: position - start.length,
    words: [
      ...queries.map((label) => ({
        label,
        kind: 'import' as const,
        detail: 'a query of this script',
        ...(known !== undefined && { finish: (after: string) => importText({ ...known, name: label }, after, nameTest(outline)) }),
      })),
      ...terms.map((label) => ({ label, kind: 'import' as const, detail: label.startsWith('!') ? 'without it' : 'with it' })),
    ],
  }
}

/** Returns a test whether a script has a name. */
function nameTest({ definitions }: Outline): (name: string) => boolean {
  return (name) => definitions.some((each) => each.name === name)
}

/** The names by which modules are left out of the names of functions. */
const PLAIN = /^(?:ecs\.get|host|math|ecs)$/

/** Returns the text that completes an import: the end of its name, and its function unless one follows. `after` is the rest of the line. */
export function importText(imported: ImportedFunction, after: string, isTaken: (name: string) => boolean): Insertion {
  const quote = after.startsWith('"') ? 1 : 0
  const rest = after.slice(quote)
  if (imported.params === undefined || !/^\s*\)?\s*$/.test(rest)) return { insert: imported.name, skip: 0 }
  const { module, name, params, results } = imported
  const start = PLAIN.test(module) ? '' : `${module.split('.').at(-1)}_`
  const base = `$${start}${name}`
    .toLowerCase()
    .replace(/[^$\w]+/g, '_')
    .replace(/_$/, '')
  let unique = base
  for (let count = 2; isTaken(unique); count++) unique = `${base}_${count}`
  const type = typeText(params, results)
  return { insert: `${name}" (func ${unique}${type === '' ? '' : ` ${type}`}))`, skip: quote + (/^\s*\)/.exec(rest)?.[0].length ?? 0) }
}
