import type { ScriptError } from '../../index.ts'
import { element } from '../elements/element.ts'
import { formatClock } from '../elements/format-number.ts'
import { keyedList } from '../elements/keyed-list.ts'
import { createPace } from '../elements/pace.ts'
import type { OpenSource } from '../elements/source-place.ts'
import type { InspectorTab } from '../panel/tabs.ts'
import { faultView } from './fault-view.ts'
import type { Kept, Records } from './records.ts'

/** Minimum milliseconds between two updates of the list. With many faults a second, each update replaces the whole list. */
const SHOW_PACE = 500

/** Creates the tab that lists the faults, the latest first. */
export function createFaultsTab(records: Records, openSource: OpenSource | undefined): InspectorTab {
  const pace = createPace(SHOW_PACE)
  const list = element('ol', { class: 'entries' })
  const none = element('p', { class: 'muted empty' }, 'No faults since the inspector was mounted.')
  const show = keyedList<Kept<ScriptError>>(
    list,
    ({ number }) => number,
    ({ at, item }) => ({
      element: element('li', {}, element('div', { class: 'muted numbers' }, formatClock(at)), faultView(item, openSource)),
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
