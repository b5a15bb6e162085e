import { type After, delayBy } from './delays.ts'
import type { Documents } from './documents.ts'
import { element } from './dom.ts'
import { isRunning } from './versions.ts'

/** Milliseconds after the last key press before a text is run. */
const TYPING_DELAY = 400

/** Runs texts as they are typed, while its box is checked. */
export interface RunAsYouType {
  /** The box and its label. */
  readonly element: HTMLElement
  /** Called with each text that has changed. */
  changed(name: string): void
  /** Cancels the run of a text that waits for the typing to end. */
  cancel(name: string): void
  cancelAll(): void
}

/** Creates the box, which is not checked. */
export function runAsYouType(documents: Documents, run: (name: string) => Promise<void>, after: After | undefined): RunAsYouType {
  const delays = delayBy(TYPING_DELAY, after)
  const box = element('input', { type: 'checkbox' })
  const runSoon = (name: string): void => delays.start(name, () => run(name))
  box.addEventListener('change', () => {
    if (!box.checked) delays.cancelAll()
    else if (!isRunning(documents.view.state)) runSoon(documents.current)
  })
  return {
    element: element('label', { class: 'live-typing' }, box, 'Run as you type'),
    changed(name) {
      if (box.checked) runSoon(name)
    },
    cancel: delays.cancel,
    cancelAll: delays.cancelAll,
  }
}
