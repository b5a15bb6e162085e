import { element } from '../elements/element.ts'
import { rove, setStop } from '../elements/roving.ts'

/** One tab of the inspector. */
export interface InspectorTab {
  readonly title: string
  readonly element: HTMLElement
  /** Returns the number to show in the title. */
  readonly count?: () => number
  /** Updates the tab. Called a few times a second while the tab is visible. */
  refresh(): void
  /** Called when the tab is no longer visible. Releases what takes time or memory. */
  hide?(): void
  /** Called when the inspector is closed or disposed of. Releases everything that uses the runtime. */
  close?(): void
}

/** The tabs of the inspector. */
export interface Tabs {
  readonly list: HTMLElement
  readonly panels: HTMLElement
  readonly current: InspectorTab
  /** Shows a tab. */
  select(tab: InspectorTab): void
  /** Shows the counts in the titles. */
  recount(): void
}

/** Creates tabs, with the first one selected. Arrow keys move between them. Calls `onSelect` when another is selected. */
export function createTabs(tabs: readonly [InspectorTab, ...InspectorTab[]], onSelect: () => void): Tabs {
  let current = tabs[0]
  const buttons = tabs.map((tab, index) => {
    const made = element('button', { type: 'button', role: 'tab', id: `tab-${index}`, 'aria-controls': `panel-${index}` }, tab.title)
    made.addEventListener('click', () => select(tab))
    return made
  })
  const counts = tabs.map((_, index) => buttons[index]?.appendChild(element('span', { class: 'count' })))
  const panels = tabs.map((tab, index) =>
    element(
      'div',
      { role: 'tabpanel', id: `panel-${index}`, 'aria-labelledby': `tab-${index}`, tabindex: 0, class: 'tabpanel' },
      tab.element,
    ),
  )
  const list = element('div', { role: 'tablist', 'aria-label': 'Inspector', class: 'tablist' }, ...buttons)
  rove(list, '[role=tab]', { wraps: true })
  const mark = (): void => {
    for (const [index, tab] of tabs.entries()) {
      buttons[index]?.setAttribute('aria-selected', String(tab === current))
      panels[index]?.toggleAttribute('hidden', tab !== current)
    }
    setStop(buttons, buttons[tabs.indexOf(current)])
  }
  function select(tab: InspectorTab): void {
    if (tab === current) return
    current.hide?.()
    current = tab
    mark()
    onSelect()
  }
  mark()
  return {
    list,
    panels: element('div', { class: 'panels' }, ...panels),
    get current() {
      return current
    },
    select,
    recount() {
      for (const [index, tab] of tabs.entries()) {
        const count = tab.count?.() ?? 0
        const node = counts[index]
        const text = count === 0 ? '' : ` ${count}`
        if (node !== undefined && node.textContent !== text) node.textContent = text
      }
    },
  }
}
