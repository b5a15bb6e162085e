import { describeEntity, listComponents, listEntities, type WasmScriptRuntime } from '../../index.ts'
import type { Why } from '../debug/why.ts'
import { button, element, setAttribute, setText } from '../elements/element.ts'
import { formatCount } from '../elements/format-number.ts'
import { keyedList, type Row } from '../elements/keyed-list.ts'
import { createPace } from '../elements/pace.ts'
import { rove, setStop } from '../elements/roving.ts'
import type { InspectorTab } from '../panel/tabs.ts'
import type { Editing } from './editing.ts'
import { createEntityDetails } from './entity-details.ts'
import type { LookedAt } from './entity-rows.ts'
import { ownedNames, searchEntities } from './entity-search.ts'
import { createPicker, type Drawing } from './picker.ts'
import { createSpawnForm } from './spawn-form.ts'

/** Entities on one page of the list. */
const PAGE = 100
/** Minimum milliseconds between two updates of the list. */
const LIST_PACE = 500

const FILTER_HELP =
  'All terms must hold: 12 (the start of an id), a part of the name of a component, relation or script, Position.x (a field that it has), health > 1, !Dead.'

interface Listed {
  readonly entity: number
  readonly components: string
}

/** The tab of entities, with what covers the game while one is picked. */
export type EntitiesTab = InspectorTab & { readonly cover: HTMLElement }

/** Creates the tab that lists the entities of the game, by a filter, and shows the components of the selected one. */
export function createEntitiesTab(runtime: WasmScriptRuntime, editing: Editing, why: Why, drawing: Drawing): EntitiesTab {
  let selected: LookedAt | undefined
  let from = 0
  let stops: HTMLElement[] = []
  const details = createEntityDetails(runtime, editing, why)
  const pace = createPace(LIST_PACE)
  const list = element('div', { class: 'list' })
  rove(list, 'button', { wraps: false })
  const filter = element('input', {
    type: 'search',
    placeholder: '!Dead Position.x health > 1',
    'aria-label': 'Filter entities',
    title: FILTER_HELP,
    'aria-describedby': 'filter-mistake',
  })
  const mistake = element('span', { class: 'error', role: 'status', id: 'filter-mistake' })
  filter.addEventListener('input', () => turnTo(0))
  const newEntity = button(
    'New',
    () => {
      spawn.open()
      tab.refresh()
    },
    { 'aria-label': 'New entity' },
  )
  const count = element('span', { class: 'muted numbers', role: 'status' })
  const less = button('Back', () => turnTo(from - PAGE))
  const more = button('More', () => turnTo(from + PAGE))
  const spawn = createSpawnForm(runtime, editing, (entity) => {
    select(entity)
    details.element.focus({ preventScroll: true })
  })
  const problem = element('span', { class: 'error', role: 'status' })
  const picker = createPicker(drawing, {
    onPick(entity) {
      if (entity === undefined) return
      filter.value = ''
      from = pageOf(entity)
      select(entity)
      list.querySelector('.selected')?.scrollIntoView({ block: 'nearest' })
    },
    onChange: () => setAttribute(pick, 'aria-pressed', String(picker.isPicking)),
    onProblem: (message) => setText(problem, message),
  })
  const pick = button('Pick', () => (picker.isPicking ? picker.stop() : picker.start()), {
    'aria-pressed': 'false',
    title: 'Click an entity in the game. Escape ends this.',
    hidden: !picker.canPick,
  })
  pick.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !picker.isPicking) return
    event.preventDefault()
    picker.stop()
  })
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
    setAttribute(choose, 'aria-pressed', String(entity === selected?.entity))
    choose.classList.toggle('selected', entity === selected?.entity)
  }

  /** Returns the index of the first entity on the page of the list that has an entity. */
  function pageOf(entity: number): number {
    const index = listEntities(runtime.world).indexOf(entity)
    return Math.max(0, Math.floor(index / PAGE) * PAGE)
  }

  function select(entity: number): void {
    spawn.close()
    selected = { entity, version: runtime.version(entity) }
    pace.hurry()
    tab.refresh()
  }

  function listPage(): void {
    const found = searchEntities(runtime, filter.value)
    setText(mistake, 'mistake' in found ? found.mistake : '')
    // The list stays as it was while a filter is being written.
    if ('mistake' in found) return
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
    setStop(stops, selected === undefined ? undefined : stops[page.indexOf(selected.entity)])
  }

  const tab: EntitiesTab = {
    title: 'Entities',
    element: element(
      'div',
      { class: 'split' },
      element(
        'div',
        { class: 'first filled' },
        element('div', { class: 'bar' }, filter, mistake, less, more, count, pick, newEntity, problem),
        list,
      ),
      details.element,
      spawn.element,
    ),
    cover: picker.cover,
    refresh() {
      pace.run(listPage)
      details.refresh(spawn.element.hidden ? selected : undefined)
      const exists = selected !== undefined && runtime.version(selected.entity) === selected.version && isEntity(runtime, selected.entity)
      picker.mark(exists ? selected?.entity : undefined)
    },
    hide() {
      picker.stop()
      picker.mark(undefined)
      details.hide()
    },
    close: () => details.close(),
  }
  return tab
}

function isEntity({ world }: WasmScriptRuntime, entity: number): boolean {
  return describeEntity(world, {}, entity) !== undefined
}
