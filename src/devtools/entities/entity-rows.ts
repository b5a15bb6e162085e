import { describeGame, type FieldType, listComponents, type WasmScriptRuntime } from '../../index.ts'
import { button, element } from '../elements/element.ts'
import type { Row } from '../elements/keyed-list.ts'
import type { Editing } from './editing.ts'
import { createFieldInput } from './field-input.ts'

/** An entity that is looked at. */
export interface LookedAt {
  readonly entity: number
  /** Its version, which tells it from later entities with its id. */
  readonly version: number
}

/** The values of the fields of a component or of a pair, by name. */
type Values = Readonly<Record<string, number>>

/** A row of the table: of a component, or of one of its fields. */
export interface EntityRow extends LookedAt {
  /** The name of the component, or of the relation with its target, as `ChildOf(5)`. */
  readonly component: string
  /** The name of the field; `undefined` in the row of the component. */
  readonly field: string | undefined
  readonly values: Values
}

/** Options of {@link createEntityRows}. */
export interface EntityRowOptions {
  readonly runtime: WasmScriptRuntime
  readonly editing: Editing
  /** Makes a change that adds or removes rows. */
  readonly attempt: (change: () => void) => void
  /** Returns further parts of the row of a field, such as buttons. */
  readonly tools: (row: EntityRow & { readonly field: string }) => readonly HTMLElement[]
}

/** Returns the rows of an entity, from what `describeEntity` returned. */
export function rowsOf(looked: LookedAt, described: Readonly<Record<string, Values>>): EntityRow[] {
  return Object.entries(described).flatMap(([component, values]) => [
    { ...looked, component, field: undefined, values },
    ...Object.keys(values).map((field) => ({ ...looked, component, field, values })),
  ])
}

/** Returns what tells a row from others, also from those of other entities. */
export function rowKey({ entity, version, component, field }: EntityRow): string {
  return JSON.stringify([entity, version, component, field])
}

/** Returns the function that creates the rows of the table of an entity: a heading for each component, which can be removed, and its fields, which can be set. */
export function createEntityRows({ runtime, editing, attempt, tools }: EntityRowOptions): (row: EntityRow) => Row<EntityRow> {
  let types: ReadonlyMap<string, FieldType> = new Map()

  /** Returns the type of a field. A script may have declared its component since the types were read. */
  function typeOf(label: string): FieldType {
    if (!types.has(label)) types = fieldTypes(runtime)
    // The data of a pair are plain numbers.
    return types.get(label) ?? 'f64'
  }

  function heading({ entity, component }: EntityRow): Row<EntityRow> {
    const pair = pairOf(runtime, component)
    const remove = (): void => {
      if (pair === undefined) runtime.write(entity, { [component]: null })
      else runtime.unrelate(entity, pair.relation, pair.target)
    }
    const name = element('th', { scope: 'rowgroup', colspan: 2 }, component)
    // bitECS's own relation, IsA, is not given to the runtime.
    const canRemove = pair !== undefined || Object.hasOwn(listComponents(runtime), component)
    const cell = element('td', { class: 'tools' })
    if (canRemove) cell.append(button('Remove', () => attempt(remove), { 'aria-label': `Remove ${component}` }))
    return { element: element('tr', {}, name, cell) }
  }

  function fieldRow(row: EntityRow & { readonly field: string }): Row<EntityRow> {
    const { entity, component, field } = row
    const pair = pairOf(runtime, component)
    let { values } = row
    const write = (value: number): void => {
      if (pair === undefined) runtime.write(entity, { [component]: { [field]: value } })
      // Fields that are left out would begin at 0.
      else runtime.relate(entity, pair.relation, pair.target, { ...values, [field]: value })
    }
    const label = `${component}.${field}`
    const input = createFieldInput({ label, type: typeOf(label), set: (value) => editing.attempt(() => write(value)) })
    const name = element('th', { scope: 'row', class: 'field' }, field)
    return {
      element: element('tr', {}, name, element('td', { class: 'value' }, input.element), element('td', { class: 'tools' }, ...tools(row))),
      update(next) {
        values = next.values
        input.show(values[field] ?? 0)
      },
    }
  }

  return (row) => (row.field === undefined ? heading(row) : fieldRow({ ...row, field: row.field }))
}

/** Returns the type of each field, by its name with that of its component. */
function fieldTypes(runtime: WasmScriptRuntime): ReadonlyMap<string, FieldType> {
  return new Map(
    describeGame(runtime).components.flatMap(({ name, fields }) => fields.map((field) => [`${name}.${field.name}`, field.type] as const)),
  )
}

/** Returns the relation and the target of a name such as `ChildOf(5)`; `undefined` for that of a component. */
function pairOf(runtime: WasmScriptRuntime, name: string): { readonly relation: string; readonly target: number } | undefined {
  const [, relation = '', target] = /^(.+)\((\d+)\)$/.exec(name) ?? []
  return Object.hasOwn(runtime.relations, relation) ? { relation, target: Number(target) } : undefined
}
