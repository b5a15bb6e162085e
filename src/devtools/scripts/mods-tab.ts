import type { ModInfo, Mods, WasmScriptRuntime } from '../../index.ts'
import { element, setAttribute, setText } from '../elements/element.ts'
import { keyedList, type Row } from '../elements/keyed-list.ts'
import { rove, setStop } from '../elements/roving.ts'
import type { OpenSource } from '../elements/source-place.ts'
import type { InspectorTab } from '../panel/tabs.ts'
import { createModDetails } from './mod-details.ts'

const COLUMNS = ['mod', 'version', 'status'] as const
const CLASSES: Readonly<Record<ModInfo['status'], string>> = { enabled: 'good', disabled: 'muted', faulted: 'error' }

/** Creates the tab that lists mods in a table, and shows the details of the selected one. */
export function createModsTab(runtime: WasmScriptRuntime, mods: Mods, openSource: OpenSource | undefined): InspectorTab {
  let selected: string | undefined
  const names = new Map<string, HTMLButtonElement>()
  const details = createModDetails(runtime, mods, openSource, () => tab.refresh())
  const body = element('tbody')
  rove(body, 'button', { wraps: false })
  const show = keyedList<ModInfo>(body, ({ name }) => name, rowOf)

  function rowOf({ name }: ModInfo): Row<ModInfo> {
    // Clicks bubble to the row.
    const choose = element('button', { type: 'button', class: 'link' }, name)
    const [version, status] = [element('td'), element('td')] as const
    const row = element('tr', {}, element('th', { scope: 'row' }, choose), version, status)
    row.addEventListener('click', () => {
      selected = name
      tab.refresh()
    })
    names.set(name, choose)
    return {
      element: row,
      update(mod) {
        setText(version, mod.version)
        setText(status, mod.status)
        setAttribute(status, 'class', CLASSES[mod.status])
        setAttribute(choose, 'aria-pressed', String(name === selected))
        row.classList.toggle('selected', name === selected)
      },
    }
  }

  const none = element('p', { class: 'muted empty' }, 'No mod is loaded.')
  const head = element('thead', {}, element('tr', {}, ...COLUMNS.map((name) => element('th', { scope: 'col' }, name))))
  const first = element('div', { class: 'first' }, element('table', {}, head, body), none)
  const tab: InspectorTab = {
    title: 'Mods',
    element: element('div', { class: 'split' }, first, details.element),
    count: () => mods.list().filter(({ status }) => status === 'faulted').length,
    refresh() {
      const list = mods.list()
      if (!list.some(({ name }) => name === selected)) selected = list[0]?.name
      for (const name of names.keys()) if (!list.some((mod) => mod.name === name)) names.delete(name)
      none.hidden = list.length > 0
      show(list)
      setStop([...names.values()], selected === undefined ? undefined : names.get(selected))
      details.refresh(list.find(({ name }) => name === selected))
    },
    hide: () => details.hide(),
  }
  return tab
}
