import { button, element } from './dom.ts'

/** A message of the status line. */
export interface Message {
  readonly text: string
  readonly kind?: 'good' | 'bad'
  /** A button beside the text. */
  readonly action?: { readonly label: string; readonly act: () => void }
  /** The part that is done of what is waited for, from 0 to 1. */
  readonly progress?: number
  /** A text to copy by hand. */
  readonly copy?: string
}

/** The line that shows the outcome of the last action. */
export interface StatusLine {
  readonly element: HTMLElement
  say(message: Message): void
}

/** Creates the status line. It always takes the same space, so that nothing around it moves. */
export function statusLine(): StatusLine {
  const line = element('p', { role: 'status', class: 'live-status-text' })
  const action = button('', () => act?.(), { class: 'live-status-action', hidden: true })
  const copy = element('input', { class: 'live-status-copy', readonly: true, hidden: true, 'aria-label': 'Link to copy' })
  const progress = element('progress', { class: 'live-status-progress', max: '1', hidden: true, 'aria-label': 'Progress' })
  const root = element('div', { class: 'live-status' }, line, action, progress, copy)
  let act: (() => void) | undefined
  /** Lets the keyboard scroll a text that is longer than the line. */
  const makeScrollable = (): void => {
    if (line.scrollHeight > line.clientHeight) line.tabIndex = 0
    else line.removeAttribute('tabindex')
  }
  new ResizeObserver(makeScrollable).observe(line)
  return {
    element: root,
    say(message) {
      // What did not change is not read out again.
      if (line.textContent !== message.text) line.textContent = message.text
      progress.value = message.progress ?? 0
      progress.hidden = message.progress === undefined
      root.dataset.kind = message.kind ?? 'plain'
      act = message.action?.act
      action.textContent = message.action?.label ?? ''
      action.hidden = message.action === undefined
      copy.value = message.copy ?? ''
      copy.hidden = message.copy === undefined
      makeScrollable()
      if (message.copy === undefined) return
      copy.focus()
      copy.select()
    },
  }
}
