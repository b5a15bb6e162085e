import { button, element } from './dom.ts'

/** The elements of an editor. */
export interface EditorElements {
  readonly list: HTMLElement
  readonly tools: HTMLElement
  /** What the text is in. */
  readonly code: HTMLElement
  readonly form: HTMLElement
  readonly hint: string
  readonly typing: HTMLElement
  readonly status: HTMLElement
  readonly examples: HTMLElement
}

/** The parts of a key press that {@link isRunKey} looks at. */
export type KeyPress = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>

/** Returns whether a key press is Ctrl+S or ⌘S. On a layout without Latin letters, the place of the key counts. */
export function isRunKey({ key, code, ctrlKey, metaKey, altKey, shiftKey }: KeyPress): boolean {
  if (!(ctrlKey || metaKey) || altKey || shiftKey) return false
  return key.toLowerCase() === 's' || (code === 'KeyS' && !/^[a-z]$/i.test(key))
}

/** Puts the elements of an editor in their places. A button and a key run the text that is open. */
export function layOut({ list, tools, code, form, hint, typing, status, examples }: EditorElements, onRun: () => void): HTMLElement {
  const root = element(
    'section',
    { class: 'live-editor', 'aria-label': 'Live editor' },
    list,
    button('Run', onRun, { class: 'live-run', 'aria-keyshortcuts': 'Control+S Meta+S' }),
    tools,
    code,
    form,
    element('p', { class: 'live-hint' }, hint),
    typing,
    status,
    examples,
  )
  root.addEventListener('keydown', (event) => {
    // In the text, Escape lets Tab move the focus. It must not close anything around the editor.
    if (event.key === 'Escape' && code.contains(event.target as Node)) event.stopPropagation()
    if (!isRunKey(event)) return
    event.preventDefault()
    onRun()
  })
  return root
}
