import type { ReloadReport } from '../../index.ts'
import { element } from '../elements/element.ts'
import { formatClock } from '../elements/format-number.ts'
import { keyedList } from '../elements/keyed-list.ts'
import type { InspectorTab } from '../panel/tabs.ts'
import type { Kept, Records } from './records.ts'

/** Creates the tab that lists the reloads, the latest first. */
export function createReloadsTab(records: Records): InspectorTab {
  const list = element('ol', { class: 'entries reloads' })
  const none = element('p', { class: 'muted empty' }, 'No reloads since the inspector was mounted.')
  const show = keyedList<Kept<ReloadReport>>(
    list,
    ({ number }) => number,
    ({ at, item }) => ({ element: reloadView(at, item) }),
  )
  return {
    title: 'Reloads',
    element: element('div', {}, none, list),
    refresh() {
      none.hidden = records.reloads.length > 0
      show([...records.reloads].reverse())
    },
  }
}

function reloadView(at: number, { script, generation, state, unchanged, carried, dropped, ran, warnings, ms }: ReloadReport): HTMLElement {
  const parts = (['compile', 'link', 'state', 'total'] as const).map((part) => `${part} ${ms[part].toFixed(1)}`)
  const view = element(
    'li',
    {},
    element('span', { class: 'muted' }, `${formatClock(at)} `),
    element('b', {}, script),
    ` generation ${generation}, state ${state}${ran.length === 0 ? '' : `, ${ran.join(' and ')} ran again`}${unchanged ? ', code unchanged' : ''}`,
    element('div', { class: 'muted numbers' }, `${parts.join(', ')} ms`),
  )
  if (carried.length > 0) view.append(element('div', {}, element('span', { class: 'good' }, 'carried '), carried.join(', ')))
  if (dropped.length > 0) view.append(element('div', {}, element('span', { class: 'warn' }, 'dropped '), dropped.join(', ')))
  for (const warning of warnings) view.append(element('div', {}, element('span', { class: 'warn' }, 'warning '), warning))
  return view
}
