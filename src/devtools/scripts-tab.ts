import type { CacheUse, ScriptId, ScriptInfo, WasmScriptRuntime } from '../index.ts'
import { element, setAttribute, setText } from './element.ts'
import { formatBytes, formatCount, formatMilliseconds } from './format-number.ts'
import { keyedList, type Row } from './keyed-list.ts'
import { rove, setStop } from './roving.ts'
import { createScriptDetails } from './script-details.ts'
import type { InspectorTab } from './tabs.ts'
import type { TickMeter } from './tick-meter.ts'

const COLUMNS = ['script', 'gen', 'status', 'entities', 'ms', 'fuel'] as const

function describeCache(runtime: WasmScriptRuntime): string {
  const { decoded, compiled, entries, bytes } = runtime.cacheStats()
  const use = ({ hits, misses }: CacheUse): string => `${formatCount(hits)} of ${formatCount(hits + misses)}`
  const found = `Found in the cache: ${use(decoded)} modules decoded, ${use(compiled)} compiled.`
  return `${found} It holds ${formatBytes(bytes)} in ${formatCount(entries)} entries.`
}

/** Creates the tab that lists the scripts in a table, and shows the details of the selected one. */
export function createScriptsTab(runtime: WasmScriptRuntime, meter: TickMeter): InspectorTab {
  let selected: ScriptId | undefined
  const names = new Map<ScriptId, HTMLButtonElement>()
  const details = createScriptDetails(runtime, meter)
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
    const [generation, status, entities, ms, fuel] = [cell(), cell(), cell(), cell(), cell()] as const
    const row = element('tr', {}, element('th', { scope: 'row' }, choose), generation, status, entities, ms, fuel)
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
        setAttribute(choose, 'aria-pressed', String(id === selected))
        row.classList.toggle('selected', id === selected)
      },
    }
  }

  const none = element('p', { class: 'muted empty' }, 'No script is loaded.')
  const cache = element('p', { class: 'muted empty' })
  const table = element(
    'table',
    {},
    element('thead', {}, element('tr', {}, ...COLUMNS.map((name) => element('th', { scope: 'col' }, name)))),
    body,
  )
  const tab: InspectorTab = {
    title: 'Scripts',
    element: element('div', { class: 'split' }, element('div', { class: 'first' }, table, none, cache), details.element),
    refresh() {
      const infos = runtime.scripts()
      if (!infos.some(({ id }) => id === selected)) selected = infos[0]?.id
      for (const id of names.keys()) if (!infos.some((info) => info.id === id)) names.delete(id)
      none.hidden = infos.length > 0
      setText(cache, describeCache(runtime))
      show(infos)
      setStop([...names.values()], selected === undefined ? undefined : names.get(selected))
      details.refresh(infos.find(({ id }) => id === selected))
    },
    hide: () => details.hide(),
  }
  return tab
}
