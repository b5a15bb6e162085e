/** The names that a filter may use. */
export interface FilterNames {
  /** The fields of each component, by its name. */
  readonly components: ReadonlyMap<string, readonly string[]>
  readonly relations: readonly string[]
  readonly scripts: readonly string[]
}

/** What a filter needs to know of an entity. */
export interface FilteredEntity {
  readonly id: number
  readonly scripts: readonly string[]
  /** The values of its components and pairs, as `describeEntity` returns them. */
  readonly components: Readonly<Record<string, Readonly<Record<string, number>>>>
}

/** A filter that was read. */
export interface EntityFilter {
  /** The names that matter to it: what it must know of an entity. */
  readonly uses: ReadonlySet<string>
  /** Returns whether an entity matches all terms. */
  matches(entity: FilteredEntity): boolean
}

/** The test of a term, with the names that it uses. */
interface Test {
  readonly holds: (entity: FilteredEntity) => boolean
  readonly uses: readonly string[]
}

/** A sentence that says what is wrong with a filter. */
export interface FilterMistake {
  readonly mistake: string
}

/** A term: a `!`, a name or a number, and perhaps a comparison. */
const TERM = /\s*(!?)\s*([^\s!<>=]+)(?:\s*(<=|>=|!=|==|=|<|>)\s*([^\s!<>=]*))?/y

const COMPARISONS: Readonly<Record<string, (one: number, other: number) => boolean>> = {
  '<': (one, other) => one < other,
  '<=': (one, other) => one <= other,
  '>': (one, other) => one > other,
  '>=': (one, other) => one >= other,
  // So that NaN can be looked for.
  '=': (one, other) => one === other || (Number.isNaN(one) && Number.isNaN(other)),
  '==': (one, other) => one === other || (Number.isNaN(one) && Number.isNaN(other)),
  '!=': (one, other) => one !== other && !(Number.isNaN(one) && Number.isNaN(other)),
}

/**
 * Reads a filter of entities: terms with spaces between, all of which must hold. A number is the start of an id. A word is a part of the name of a component,
 * a relation or a script. `Position.x` is a field that the entity has; `Position.x > 1`, `points <= 3` and `id = 7` compare. `!` before a term means the
 * opposite. Capital letters do not matter.
 */
export function readFilter(text: string, names: FilterNames): EntityFilter | FilterMistake {
  const tests: Test[] = []
  TERM.lastIndex = 0
  const trimmed = text.trimEnd()
  for (let at = 0; at < trimmed.length; at = TERM.lastIndex) {
    TERM.lastIndex = at
    const [, not, name = '', comparison, number = ''] = TERM.exec(trimmed) ?? []
    if (name === '') return { mistake: `'${trimmed.slice(at).trim()}' needs a name before it, such as Position.x.` }
    const test = comparison === undefined ? ownership(name, names) : comparing(name, comparison, number, names)
    if (typeof test === 'string') return { mistake: test }
    tests.push(not === '' ? test : { ...test, holds: (entity) => !test.holds(entity) })
  }
  return {
    uses: new Set(tests.flatMap(({ uses }) => uses)),
    matches: (entity) => tests.every(({ holds }) => holds(entity)),
  }
}

/** Returns the test of a name or a number alone, or what is wrong with it. */
function ownership(word: string, names: FilterNames): Test | string {
  if (/^\d+$/.test(word)) return { uses: [], holds: ({ id }) => String(id).startsWith(word) }
  const part = word.toLowerCase()
  const dot = part.indexOf('.')
  const fields = dot < 0 ? [] : fieldsNamed(word, names)
  if (fields.length > 0) {
    return { uses: componentsOf(fields), holds: ({ components }) => fields.some(({ component }) => Object.hasOwn(components, component)) }
  }
  const isNamed = (name: string): boolean => name.toLowerCase().includes(part)
  const uses = [...names.components.keys(), ...names.relations, ...names.scripts].filter(isNamed)
  if (uses.length === 0) {
    return dot < 0
      ? `No component, relation or script has '${word}' in its name.`
      : `No component has the field '${word}'.${knownFields(word.slice(0, dot), names)}`
  }
  // A pair is named as ChildOf(5).
  return { uses, holds: ({ components, scripts }) => scripts.some(isNamed) || Object.keys(components).some(isNamed) }
}

function comparing(word: string, comparison: string, text: string, names: FilterNames): Test | string {
  const number = /^[+-]?nan$/i.test(text)
    ? Number.NaN
    : /^([+-]?)infinity$/i.test(text)
      ? Number(text.replace(/infinity/i, 'Infinity'))
      : Number(text)
  if (text === '' || (Number.isNaN(number) && !/nan/i.test(text))) return `'${word} ${comparison}' needs a number behind it.`
  const compare = COMPARISONS[comparison] as (one: number, other: number) => boolean
  const fields = fieldsNamed(word, names)
  if (fields.length === 0 && word.toLowerCase() === 'id') return { uses: [], holds: ({ id }) => compare(id, number) }
  if (fields.length === 0) {
    const [component = ''] = word.split('.')
    const known = [...names.components].find(([name]) => name.toLowerCase() === component.toLowerCase())
    const advice = knownFields(component, names)
    if (known === undefined || word.includes('.')) return `No component has the field '${word}'.${advice}`
    return known[1].length === 0 ? `${known[0]} has no fields to compare.` : `${known[0]} has several fields.${advice}`
  }
  const holds: Test['holds'] = ({ components }) =>
    fields.some(({ component, field }) => {
      const value = components[component]?.[field]
      return value !== undefined && compare(value, number)
    })
  return { uses: componentsOf(fields), holds }
}

interface NamedField {
  readonly component: string
  readonly field: string
}

function componentsOf(fields: readonly NamedField[]): readonly string[] {
  return fields.map(({ component }) => component)
}

/** Returns the fields that a word means: `Component.field`; a component that has one field; or a field, of any component. */
function fieldsNamed(word: string, { components }: FilterNames): readonly NamedField[] {
  const wanted = word.toLowerCase()
  const all = [...components].flatMap(([component, fields]) => fields.map((field) => ({ component, field, isOnly: fields.length === 1 })))
  const full = all.filter(({ component, field }) => `${component}.${field}`.toLowerCase() === wanted)
  if (full.length > 0) return full
  const only = all.filter(({ component, isOnly }) => isOnly && component.toLowerCase() === wanted)
  return only.length > 0 ? only : all.filter(({ field }) => field.toLowerCase() === wanted)
}

function knownFields(component: string, { components }: FilterNames): string {
  const [name = '', fields = []] = [...components].find(([each]) => each.toLowerCase() === component.toLowerCase()) ?? []
  return fields.length === 0 ? '' : ` There are ${fields.map((field) => `${name}.${field}`).join(', ')}.`
}
