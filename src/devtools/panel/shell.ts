import { button, element, setText } from '../elements/element.ts'
import type { Inset } from './inset.ts'
import { createResizer } from './resizer.ts'
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

/** The callbacks of a {@link Shell}. */
export interface ShellEvents {
  onToggle(): void
  onLeave(): void
  /** Called with the pixels of the page that the panel covers, when they changed. */
  onInset(inset: Inset): void
}

const NO_INSET: Inset = { bottom: 0, right: 0 }

/** Events in the panel that must not reach the game. */
const STOPPED_EVENTS = ['keydown', 'pointerdown', 'mousedown', 'touchstart', 'click', 'dblclick', 'wheel'] as const

/** Creates the shell. `covers` lie over the game. The button calls `onToggle`; the Escape key calls `onLeave`. */
export function createShell(tabs: Tabs, covers: readonly HTMLElement[], { onToggle, onLeave, onInset }: ShellEvents): Shell {
  const host = element('div', { 'data-bitscript-inspector': true })
  const root = host.attachShadow({ mode: 'open' })
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(STYLE)
  root.adoptedStyleSheets = [sheet]

  const dock = button('Dock right', () => resizer.setSide(resizer.side === 'right' ? 'bottom' : 'right'), { class: 'dock' })
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
  const resizer = createResizer(frame, () => {
    setText(dock, resizer.side === 'right' ? 'Dock below' : 'Dock right')
    tellInset()
  })
  // Last: the Tab key leads to the tabs first.
  panel.append(resizer.element)
  const resized = new ResizeObserver(() => resizer.apply())
  root.append(...covers, frame)

  let told = NO_INSET
  /** Tells the game how much of it the panel covers, if that changed. */
  function tellInset(): void {
    const { width, height } = panel.getBoundingClientRect()
    const isRight = resizer.side === 'right'
    const next = panel.hidden ? NO_INSET : { bottom: isRight ? 0 : Math.round(height), right: isRight ? Math.round(width) : 0 }
    if (next.bottom === told.bottom && next.right === told.right) return
    told = next
    onInset(next)
  }

  const leave = (event: KeyboardEvent): void => {
    // An input may have undone what was typed.
    if (event.key !== 'Escape' || event.defaultPrevented || panel.hidden) return
    event.stopPropagation()
    onLeave()
    toggle.focus()
  }
  for (const part of [panel, toggle]) part.addEventListener('keydown', leave)
  for (const name of STOPPED_EVENTS) panel.addEventListener(name, (event) => event.stopPropagation(), { passive: true })
  toggle.addEventListener('keydown', (event) => {
    if (event.key === ' ' || event.key === 'Enter') event.stopPropagation()
  })
  return {
    host,
    setOpen(isOpen) {
      panel.hidden = !isOpen
      frame.toggleAttribute('data-open', isOpen)
      if (isOpen) {
        resizer.apply()
        resized.observe(document.documentElement)
      } else resized.disconnect()
      tellInset()
      toggle.setAttribute('aria-expanded', String(isOpen))
      setText(toggle, isOpen ? '✕' : 'Inspector')
    },
    showProblem: (message) => setText(problem, message),
  }
}
