import { button, element, setText } from './element.ts'
import { STYLE } from './style.ts'
import type { Tabs } from './tabs.ts'

/** The panel around the tabs, and the button that opens it. */
export interface Shell {
  /** The element that is added to the page. */
  readonly host: HTMLElement
  setOpen(isOpen: boolean): void
  /** Shows a message above the tabs; `''` hides it. */
  showProblem(message: string): void
}

/** Events in the panel that must not reach the game. */
const STOPPED_EVENTS = ['keydown', 'pointerdown', 'mousedown', 'touchstart', 'click', 'dblclick', 'wheel'] as const

/** Creates the shell. The button calls `onToggle`; the Escape key calls `onLeave`. */
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
      // After a click with the mouse the button must not keep the focus, or the keys of the game would operate it.
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

  for (const name of STOPPED_EVENTS) panel.addEventListener(name, (event) => event.stopPropagation(), { passive: true })
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
    showProblem: (message) => setText(problem, message),
  }
}
