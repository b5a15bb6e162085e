import type { ScriptError } from '../index.ts'
import { element } from './element.ts'
import { faultView } from './fault-view.ts'
import { formatClock } from './format-number.ts'
import { keyedList } from './keyed-list.ts'
import { createPace } from './pace.ts'
import type { Kept, Records } from './records.ts'
import type { InspectorTab } from './tabs.ts'

/** Minimum milliseconds between two updates of the list. With many faults a second, each update replaces the whole list. */
const SHOW_PACE = 500

/** Creates the tab that lists the faults, the latest first. */
export function createFaultsTab(records: Records): InspectorTab {
  const pace = createPace(SHOW_PACE)
  const list = element('ol', { class: 'entries' })
  const none = element('p', { class: 'muted empty' }, 'No faults since the inspector was mounted.')
  const show = keyedList<Kept<ScriptError>>(
    list,
    ({ number }) => number,
    ({ at, item }) => ({
      element: element('li', {}, element('div', { class: 'muted numbers' }, formatClock(at)), faultView(item)),
    }),
  )
  return {
    title: 'Faults',
    element: element('div', {}, none, list),
    count: () => records.faults.length,
    refresh() {
      none.hidden = records.faults.length > 0
      pace.run(() => show([...records.faults].reverse()))
    },
  }
}
