import type { CacheUse, ScriptId, ScriptInfo, WasmScriptRuntime } from '../../index.ts'
import { element, setAttribute, setText } from '../elements/element.ts'
import { formatBytes, formatCount, formatMilliseconds } from '../elements/format-number.ts'
import { keyedList, type Row } from '../elements/keyed-list.ts'
import { rove, setStop } from '../elements/roving.ts'
import type { OpenSource } from '../elements/source-place.ts'
import { sortedHead } from '../elements/table-sort.ts'
import type { InspectorTab } from '../panel/tabs.ts'
import type { TickMeter } from '../time/tick-meter.ts'
import { createScriptDetails } from './script-details.ts'

function describeCache(runtime: WasmScriptRuntime): string {
  const { decoded, compiled, entries, bytes } = runtime.cacheStats()
  const use = ({ hits, misses }: CacheUse): string => `${formatCount(hits)} of ${formatCount(hits + misses)}`
  const found = `Found in the cache: ${use(decoded)} modules decoded, ${use(compiled)} compiled.`
  return `${found} It holds ${formatBytes(bytes)} in ${formatCount(entries)} entries.`
}

/** Creates the tab that lists the scripts in a table, and shows the details of the selected one. */
export function createScriptsTab(runtime: WasmScriptRuntime, meter: TickMeter, openSource: OpenSource | undefined): InspectorTab {
  let selected: ScriptId | undefined
  const names = new Map<ScriptId, HTMLButtonElement>()
  const details = createScriptDetails(runtime, meter, openSource)
  const body = element('tbody')
  rove(body, 'button', { wraps: false })
  const select = (id: ScriptId): void => {
    selected = id
    tab.refresh()
  }
  const show = keyedList<ScriptInfo>(
    body,
    ({ id }) => id,
    (info) => scriptRow(info, select),
  )

  function scriptRow({ id, name }: ScriptInfo, onSelect: (id: ScriptId) => void): Row<ScriptInfo> {
    // Clicks bubble to the row.
    const choose = element('button', { type: 'button', class: 'link' }, name)
    const cell = (): HTMLElement => element('td')
    const [generation, status, entities, ms, fuel, share] = [cell(), cell(), cell(), cell(), cell(), cell()] as const
    const row = element('tr', {}, element('th', { scope: 'row' }, choose), generation, status, entities, ms, fuel, share)
    row.addEventListener('click', () => onSelect(id))
    names.set(id, choose)
    return {
      element: row,
      update(info) {
        const load = meter.load(id)
        setText(generation, String(info.generation))
        setText(status, info.status)
        setAttribute(status, 'class', info.status === 'faulted' ? 'error' : info.status === 'active' ? 'good' : 'muted')
        setText(entities, formatCount(load.entities))
        setText(ms, formatMilliseconds(load.ms))
        setText(fuel, formatCount(load.fuel))
        setText(share, `${(load.share * 100).toFixed(load.share < 0.0995 ? 1 : 0)} %`)
        setAttribute(choose, 'aria-pressed', String(id === selected))
        row.classList.toggle('selected', id === selected)
      },
    }
  }

  const head = sortedHead<ScriptInfo>(
    [
      { title: 'script', key: ({ name }) => name, isText: true },
      { title: 'gen', key: ({ generation }) => generation },
      { title: 'status', key: ({ status }) => status, isText: true },
      { title: 'entities', key: ({ id }) => meter.load(id).entities },
      { title: 'ms', key: ({ id }) => meter.load(id).ms },
      { title: 'fuel', key: ({ id }) => meter.load(id).fuel },
      { title: 'share', key: ({ id }) => meter.load(id).share },
    ],
    () => tab.refresh(),
  )
  const filter = element('input', { type: 'search', placeholder: 'name or status', 'aria-label': 'Filter scripts' })
  filter.addEventListener('input', () => tab.refresh())
  const none = element('p', { class: 'muted empty' }, 'No script is loaded.')
  const cache = element('p', { class: 'muted empty' })
  const table = element('table', {}, head.element, body)
  const tab: InspectorTab = {
    title: 'Scripts',
    element: element(
      'div',
      { class: 'split' },
      element('div', { class: 'first' }, element('div', { class: 'bar' }, filter), table, none, cache),
      details.element,
    ),
    refresh() {
      const infos = runtime.scripts()
      if (!infos.some(({ id }) => id === selected)) selected = infos[0]?.id
      for (const id of names.keys()) if (!infos.some((info) => info.id === id)) names.delete(id)
      const wanted = filter.value.trim().toLowerCase()
      const listed = head.sort(infos.filter(({ name, status }) => `${name}\n${status}`.toLowerCase().includes(wanted)))
      none.hidden = listed.length > 0
      setText(none, infos.length === 0 ? 'No script is loaded.' : 'No script has this in its name or status.')
      setText(cache, describeCache(runtime))
      show(listed)
      setStop(
        listed.flatMap(({ id }) => names.get(id) ?? []),
        selected === undefined ? undefined : names.get(selected),
      )
      details.refresh(infos.find(({ id }) => id === selected))
    },
    hide: () => details.hide(),
  }
  return tab
}
