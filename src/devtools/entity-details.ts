import { describeEntity, listComponents, type WasmScriptRuntime } from '../index.ts'
import { element, setText } from './element.ts'
import { ownedNames, scriptTags } from './entity-search.ts'
import { formatValue } from './format-number.ts'

/** The view of one entity. */
export interface EntityDetails {
  readonly element: HTMLElement
  refresh(entity: number | undefined): void
}

/** Creates a view of the scripts, components, relations and values of one entity. */
export function createEntityDetails(runtime: WasmScriptRuntime): EntityDetails {
  const title = element('h2')
  const scripts = element('p', { class: 'muted' })
  const body = element('tbody')
  const table = element('table', { class: 'fields' }, body)
  // It may be longer than the panel, and the keyboard must be able to scroll it.
  const view = element('div', { class: 'second', role: 'region', 'aria-label': 'Entity', tabindex: 0 }, title, scripts, table)
  /** The names of the components and fields that have rows. */
  let rows = ''
  let values: HTMLElement[] = []

  return {
    element: view,
    refresh(entity) {
      view.hidden = entity === undefined
      if (entity === undefined) return
      setText(title, `Entity ${entity}`)
      const described = describeEntity(runtime.world, listComponents(runtime), entity, runtime.relations)
      table.hidden = described === undefined
      if (described === undefined) {
        setText(scripts, 'It no longer exists.')
        return
      }
      const names = ownedNames(runtime, scriptTags(runtime), entity)
      setText(scripts, names.length === 0 ? 'No script runs on it.' : `Scripts: ${names.join(', ')}`)
      const parts = Object.entries(described).map(([name, fields]) => ({ name, fields: Object.entries(fields) }))
      const wanted = JSON.stringify(parts.map(({ name, fields }) => [name, fields.map(([field]) => field)]))
      if (wanted !== rows) {
        rows = wanted
        values = []
        body.replaceChildren(
          ...parts.flatMap(({ name, fields }) =>
            componentRows(
              name,
              fields.map(([field]) => field),
              values,
            ),
          ),
        )
      }
      for (const [index, [, value]] of parts.flatMap(({ fields }) => fields).entries()) {
        const place = values[index]
        if (place !== undefined) setText(place, formatValue(value))
      }
    },
  }
}

/** Creates a row for a component and one for each of its fields, and adds the cells of the values to `values`. */
function componentRows(name: string, fields: readonly string[], values: HTMLElement[]): HTMLElement[] {
  const heading = element('tr', {}, element('th', { scope: 'rowgroup', colspan: 2 }, name))
  return [
    heading,
    ...fields.map((field) => {
      const value = element('td', { class: 'value' })
      values.push(value)
      return element('tr', {}, element('th', { scope: 'row', class: 'field' }, field), value)
    }),
  ]
}
