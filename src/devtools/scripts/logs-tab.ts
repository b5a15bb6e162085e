import { LOG_LEVELS, type LogLevel, type LogLine } from '../../index.ts'
import { element } from '../elements/element.ts'
import { shorten } from '../elements/format-number.ts'
import { keyedList } from '../elements/keyed-list.ts'
import type { InspectorTab } from '../panel/tabs.ts'
import { type Kept, MAX_LOGS, type Records } from './records.ts'

/** Characters of a message that are shown. */
const MAX_MESSAGE_LENGTH = 2000
/** If the list is scrolled to within this many pixels of its end, it scrolls to new lines. */
const NEAR_END = 8

/** How lines are ordered, by what it is called; `undefined` for the order in which they came. */
const ORDERS: Readonly<Record<string, ((one: Kept<LogLine>, other: Kept<LogLine>) => number) | undefined>> = {
  'latest last': undefined,
  'latest first': (one, other) => other.number - one.number,
  'by script': (one, other) => one.item.script.localeCompare(other.item.script),
  'by level': (one, other) => LOG_LEVELS.indexOf(other.item.level) - LOG_LEVELS.indexOf(one.item.level),
}

/** Creates the tab that lists the log lines of the chosen levels, the latest last. */
export function createLogsTab(records: Records): InspectorTab {
  const wanted = new Set<LogLevel>(LOG_LEVELS)
  let shown = -1
  const list = element('div', { class: 'logs', role: 'log', 'aria-live': 'off', 'aria-label': 'Log lines', tabindex: 0 })
  const none = element('p', { class: 'muted empty' })
  const show = keyedList<Kept<LogLine>>(
    list,
    ({ number }) => number,
    ({ item }) => ({ element: lineView(item) }),
  )
  const filters = LOG_LEVELS.map((level) => {
    const box = element('input', { type: 'checkbox', checked: true })
    box.addEventListener('change', () => {
      if (box.checked) wanted.add(level)
      else wanted.delete(level)
      shown = -1
      tab.refresh()
    })
    return element('label', { class: `choice ${level}` }, box, level)
  })
  const filter = element('input', { type: 'search', placeholder: 'script or text', 'aria-label': 'Filter log lines' })
  const order = element('select', { 'aria-label': 'Order of log lines' }, ...Object.keys(ORDERS).map((name) => element('option', {}, name)))
  for (const each of [filter, order]) {
    each.addEventListener('input', () => {
      shown = -1
      tab.refresh()
    })
  }
  const tab: InspectorTab = {
    title: 'Logs',
    element: element(
      'div',
      { class: 'filled' },
      element(
        'div',
        { class: 'bar' },
        element('span', { class: 'group', role: 'group', 'aria-label': 'Levels' }, ...filters),
        filter,
        order,
      ),
      none,
      list,
    ),
    refresh() {
      if (shown === records.count) return
      const followed = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_END
      shown = records.count
      const word = filter.value.trim().toLowerCase()
      const lines = [...wanted]
        .flatMap((level) => records.logs[level])
        .filter(({ item: { script, message } }) => script.toLowerCase().includes(word) || message.toLowerCase().includes(word))
        .sort((one, other) => one.number - other.number)
        .slice(-MAX_LOGS)
      const compare = ORDERS[order.value]
      if (compare !== undefined) lines.sort(compare)
      none.hidden = lines.length > 0
      none.textContent = LOG_LEVELS.some((level) => records.logs[level].length > 0) ? 'No such lines.' : 'Nothing was logged yet.'
      show(lines)
      // New lines are at the end only in the order in which they came.
      if (followed && compare === undefined) list.scrollTop = list.scrollHeight
    },
  }
  return tab
}

function lineView({ level, tick, script, message }: LogLine): HTMLElement {
  return element(
    'div',
    { class: `log ${level}` },
    element('span', { class: 'muted numbers' }, String(tick)),
    element('span', { class: 'level' }, level),
    element('span', { class: 'name' }, script),
    element('span', { class: 'message' }, shorten(message, MAX_MESSAGE_LENGTH)),
  )
}
