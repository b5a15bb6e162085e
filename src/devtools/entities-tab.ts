import { listComponents, type WasmScriptRuntime } from '../index.ts'
import { button, element, setAttribute, setText } from './element.ts'
import { createEntityDetails } from './entity-details.ts'
import { ownedNames, searchEntities } from './entity-search.ts'
import { formatCount } from './format-number.ts'
import { keyedList, type Row } from './keyed-list.ts'
import { createPace } from './pace.ts'
import { rove, setStop } from './roving.ts'
import type { InspectorTab } from './tabs.ts'

/** Entities on one page of the list. */
const PAGE = 100
/** Minimum milliseconds between two updates of the list. */
const LIST_PACE = 500

interface Listed {
  readonly entity: number
  readonly components: string
}

/** Creates the tab that lists the entities of the game, by a filter, and shows the components of the selected one. */
export function createEntitiesTab(runtime: WasmScriptRuntime): InspectorTab {
  let selected: number | undefined
  let from = 0
  let stops: HTMLElement[] = []
  const details = createEntityDetails(runtime)
  const pace = createPace(LIST_PACE)
  const list = element('div', { class: 'list' })
  rove(list, 'button', { wraps: false })
  const filter = element('input', { type: 'search', placeholder: 'id, component, relation or script', 'aria-label': 'Filter entities' })
  filter.addEventListener('input', () => turnTo(0))
  const count = element('span', { class: 'muted numbers', role: 'status' })
  const less = button('Back', () => turnTo(from - PAGE))
  const more = button('More', () => turnTo(from + PAGE))
  const show = keyedList<Listed>(list, ({ entity }) => entity, entityRow)

  function turnTo(first: number): void {
    from = first
    list.scrollTop = 0
    pace.hurry()
    tab.refresh()
  }

  function entityRow({ entity }: Listed): Row<Listed> {
    const components = element('span', { class: 'muted names' })
    const choose = button('', () => select(entity), { class: 'link row' })
    choose.append(element('span', { class: 'numbers id' }, String(entity)), components)
    return {
      element: choose,
      update: (item) => {
        setText(components, item.components)
        mark(choose, entity)
      },
    }
  }

  function mark(choose: HTMLElement, entity: number): void {
    setAttribute(choose, 'aria-pressed', String(entity === selected))
    choose.classList.toggle('selected', entity === selected)
  }

  function select(entity: number): void {
    selected = entity
    pace.hurry()
    tab.refresh()
  }

  function listPage(): void {
    const found = searchEntities(runtime, filter.value)
    if (from >= found.length) from = Math.max(0, Math.floor((found.length - 1) / PAGE) * PAGE)
    const page = found.slice(from, from + PAGE)
    show(page.map((entity) => ({ entity, components: ownedNames(runtime, listComponents(runtime), entity, runtime.relations).join(' ') })))
    setText(
      count,
      found.length === 0 ? 'none' : `${formatCount(from + 1)}–${formatCount(from + page.length)} of ${formatCount(found.length)}`,
    )
    less.disabled = from === 0
    more.disabled = from + PAGE >= found.length
    stops = [...list.children] as HTMLElement[]
    setStop(stops, selected === undefined ? undefined : stops[page.indexOf(selected)])
  }

  const tab: InspectorTab = {
    title: 'Entities',
    element: element(
      'div',
      { class: 'split' },
      element('div', { class: 'first filled' }, element('div', { class: 'bar' }, filter, less, more, count), list),
      details.element,
    ),
    refresh() {
      pace.run(listPage)
      details.refresh(selected)
    },
  }
  return tab
}
