import { describeEntity, listComponents, type ScriptInfo, type WasmScriptRuntime } from '../../index.ts'
import type { Why } from '../debug/why.ts'
import { button, element, setAttribute, setText } from '../elements/element.ts'
import { keyedList } from '../elements/keyed-list.ts'
import { createAdder } from './adder.ts'
import type { Editing } from './editing.ts'
import { createEntityRows, type EntityRow, type LookedAt, rowKey, rowsOf } from './entity-rows.ts'
import { ownedNames, scriptTags } from './entity-search.ts'
import { createWatchList, type WatchedField } from './watch-list.ts'

/** The view of one entity. */
export interface EntityDetails {
  readonly element: HTMLElement
  refresh(looked: LookedAt | undefined): void
  /** Called when the tab is no longer visible. */
  hide(): void
  /** Called when the inspector is closed. */
  close(): void
}

/** Creates a view of the scripts, components, relations and values of one entity, all of which can be changed. */
export function createEntityDetails(runtime: WasmScriptRuntime, editing: Editing, why: Why): EntityDetails {
  let current: LookedAt | undefined
  const title = element('h2')
  const problem = element('p', { class: 'error', role: 'status' })
  const gone = element('p', { class: 'muted' }, 'It no longer exists.')
  const attempt = (change: (entity: number) => void): void => {
    const looked = current
    if (looked === undefined) return
    const sentence = editing.attempt(() => change(looked.entity))
    refresh(looked)
    setText(problem, sentence)
    // The button may have been removed with what it was for.
    if ((view.getRootNode() as ShadowRoot).activeElement === null) view.focus({ preventScroll: true })
  }
  const despawn = button('Despawn', () => attempt((entity) => runtime.despawn(entity)))
  const noScripts = element('span', { class: 'muted' }, 'none')
  const scripts = element('span', { class: 'group' })
  const showScripts = keyedList<ScriptInfo>(
    scripts,
    ({ id }) => id,
    ({ id, name }) => {
      const detach = button('✕', () => attempt((entity) => runtime.detach(entity, id)), { 'aria-label': `Detach ${name}` })
      return { element: element('span', { class: 'chip' }, name, detach) }
    },
  )
  const attach = createAdder('Attach a script', 'Attach', (name) =>
    attempt((entity) => {
      const script = runtime.find(name)
      if (script !== undefined) runtime.attach(entity, script.id)
    }),
  )
  const add = createAdder('Add a component', 'Add', (name) => attempt((entity) => runtime.write(entity, { [name]: {} })))
  const body = element('tbody')
  const watchList = createWatchList(runtime, markWatched)
  const chartButtons = new Map<HTMLButtonElement, WatchedField>()
  const tools = (row: WatchedField): HTMLElement[] => {
    const chart = button('Chart', () => watchList.toggle(row), {
      'aria-label': `Chart ${row.component}.${row.field}`,
      'aria-pressed': 'false',
    })
    chartButtons.set(chart, row)
    return [chart, ...why.buttons(row)]
  }
  const showRows = keyedList<EntityRow>(body, rowKey, createEntityRows({ runtime, editing, attempt, tools }))
  const parts = element(
    'div',
    {},
    element('div', { class: 'bar tight' }, element('span', { class: 'muted' }, 'Scripts'), scripts, noScripts, attach.element),
    element('table', { class: 'fields' }, body),
    element('div', { class: 'bar tight' }, add.element),
  )
  // It may be longer than the panel, and the keyboard must be able to scroll it.
  const view = element(
    'div',
    { class: 'second', role: 'region', 'aria-label': 'Entity', tabindex: 0 },
    element('div', { class: 'bar tight' }, title, despawn),
    problem,
    gone,
    parts,
    why.element,
    watchList.element,
  )

  function markWatched(): void {
    for (const [chart, row] of chartButtons) {
      if (chart.isConnected) setAttribute(chart, 'aria-pressed', String(watchList.has(row)))
      else chartButtons.delete(chart)
    }
  }

  function refresh(looked: LookedAt | undefined): void {
    if (looked?.entity !== current?.entity || looked?.version !== current?.version) setText(problem, '')
    current = looked
    why.forget(looked?.entity)
    view.hidden = looked === undefined
    if (looked === undefined) return
    watchList.draw()
    const { entity, version } = looked
    setText(title, `Entity ${entity}`)
    const all = listComponents(runtime)
    const isSame = runtime.version(entity) === version
    const described = isSame ? describeEntity(runtime.world, all, entity, runtime.relations) : undefined
    parts.hidden = described === undefined
    despawn.hidden = parts.hidden
    gone.hidden = !parts.hidden
    if (described === undefined) return
    const names = new Set(ownedNames(runtime, scriptTags(runtime), entity))
    const infos = runtime.scripts()
    showScripts(infos.filter(({ name }) => names.has(name)))
    noScripts.hidden = names.size > 0
    attach.offer(infos.map(({ name }) => name).filter((name) => !names.has(name)))
    add.offer(Object.keys(all).filter((name) => !Object.hasOwn(described, name)))
    showRows(rowsOf(looked, described))
    markWatched()
  }

  return { element: view, refresh, hide: () => watchList.hide(), close: () => watchList.stop() }
}
