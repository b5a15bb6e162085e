import { element } from './element.ts'
import { rove, setStop } from './roving.ts'

/** One tab of the inspector. */
export interface InspectorTab {
  readonly title: string
  readonly element: HTMLElement
  /** How many there are of what the title says, where it matters. */
  readonly count?: () => number
  /** Shows what is true now. Called a few times a second while the tab is seen. */
  refresh(): void
  /** The tab is no longer seen: lets go of what costs anything. */
  hide?(): void
  /** The inspector is closed or gone: lets go of everything on the runtime. */
  close?(): void
}

export interface Tabs {
  readonly list: HTMLElement
  readonly panels: HTMLElement
  readonly current: InspectorTab
  /** Shows the counts in the titles. */
  recount(): void
}

/** Tabs that arrow keys move between, the first of them selected. `onSelect` is called when another is. */
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
