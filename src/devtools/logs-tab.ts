import { LOG_LEVELS, type LogLevel, type LogLine } from '../index.ts'
import { element } from './element.ts'
import { shorten } from './format-number.ts'
import { keyedList } from './keyed-list.ts'
import { type Kept, MAX_LOGS, type Records } from './records.ts'
import type { InspectorTab } from './tabs.ts'

/** Characters of a message that are shown. */
const MAX_MESSAGE_LENGTH = 2000
/** If the list is scrolled to within this many pixels of its end, it scrolls to new lines. */
const NEAR_END = 8

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
  const tab: InspectorTab = {
    title: 'Logs',
    element: element(
      'div',
      { class: 'filled' },
      element('div', { class: 'bar', role: 'group', 'aria-label': 'Levels' }, ...filters),
      none,
      list,
    ),
    refresh() {
      if (shown === records.count) return
      const followed = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_END
      shown = records.count
      const lines = [...wanted].flatMap((level) => records.logs[level]).sort((one, other) => one.number - other.number)
      none.hidden = lines.length > 0
      none.textContent = LOG_LEVELS.some((level) => records.logs[level].length > 0)
        ? 'No lines of these levels.'
        : 'Nothing was logged yet.'
      show(lines.slice(-MAX_LOGS))
      if (followed) list.scrollTop = list.scrollHeight
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
