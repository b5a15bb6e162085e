import { button, element, setText } from './element.ts'
import { STYLE } from './style.ts'
import type { Tabs } from './tabs.ts'

/** What surrounds the tabs: the element in the page, the button that opens the panel, the panel. */
export interface Shell {
  /** What is put into the page. */
  readonly host: HTMLElement
  setOpen(isOpen: boolean): void
  /** Shows what went wrong, or nothing. */
  tell(problem: string): void
}

/** What a game must not take for its own while the inspector is used. */
const KEPT_EVENTS = ['keydown', 'pointerdown', 'mousedown', 'touchstart', 'click', 'dblclick', 'wheel'] as const

/** `onToggle` is called by the button, `onLeave` by Escape. */
export function createShell(tabs: Tabs, { onToggle, onLeave }: { onToggle(): void; onLeave(): void }): Shell {
  const host = element('div', { 'data-bitscript-inspector': true })
  const root = host.attachShadow({ mode: 'open' })
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(STYLE)
  root.adoptedStyleSheets = [sheet]

  const dock = button('Dock right', () => setSide(frame.dataset.side === 'right' ? 'bottom' : 'right'), { class: 'dock' })
  const problem = element('p', { class: 'problem error', role: 'status' })
  const panel = element(
    'section',
    { class: 'panel', 'aria-label': 'bitscript inspector', id: 'panel', hidden: true },
    element('div', { class: 'head' }, tabs.list, dock),
    problem,
    tabs.panels,
  )
  const toggle = button(
    'Inspector',
    (event) => {
      onToggle()
      // A game is steered by keys: the button is left to the mouse that closed it.
      if (panel.hidden && event.detail > 0) toggle.blur()
    },
    { class: 'toggle', 'aria-label': 'Inspector', 'aria-expanded': 'false', 'aria-controls': 'panel' },
  )
  const frame = element('div', { class: 'frame' }, toggle, panel)
  root.append(frame)
  setSide('bottom')

  function setSide(side: 'bottom' | 'right'): void {
    frame.dataset.side = side
    setText(dock, side === 'right' ? 'Dock below' : 'Dock right')
  }

  for (const name of KEPT_EVENTS) panel.addEventListener(name, (event) => event.stopPropagation(), { passive: true })
  toggle.addEventListener('keydown', (event) => {
    if (event.key === ' ' || event.key === 'Enter') event.stopPropagation()
  })
  frame.addEventListener(
    'keydown',
    (event) => {
      if (event.key !== 'Escape' || panel.hidden) return
      event.stopPropagation()
      onLeave()
      toggle.focus()
    },
    { capture: true },
  )

  return {
    host,
    setOpen(isOpen) {
      panel.hidden = !isOpen
      frame.toggleAttribute('data-open', isOpen)
      toggle.setAttribute('aria-expanded', String(isOpen))
      setText(toggle, isOpen ? '✕' : 'Inspector')
    },
    tell: (text) => setText(problem, text),
  }
}
