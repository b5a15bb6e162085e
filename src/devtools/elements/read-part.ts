import type { ScriptId } from '../../index.ts'
import { element, setText } from './element.ts'
import { createPace } from './pace.ts'

/** Minimum milliseconds between two readings. */
const READ_PACE = 1000
/** Bytes that are shown of what is no text. */
const MAX_BYTES = 64

/** A part of a script that is read while it is unfolded. */
export interface ReadPart {
  readonly element: HTMLElement
  refresh(id: ScriptId): void
}

/** Creates a part that shows a text of a script, which is read at most once a second. */
export function readPart(title: string, read: (id: ScriptId) => string): ReadPart {
  const text = element('pre', { class: 'state', tabindex: 0, 'aria-label': title })
  const part = element('details', {}, element('summary', {}, title), text)
  const pace = createPace(READ_PACE)
  let current: ScriptId | undefined
  const refresh = (): void => {
    if (current === undefined || !part.open) return
    const id = current
    pace.run(() => setText(text, read(id)))
  }
  part.addEventListener('toggle', () => {
    pace.hurry()
    refresh()
  })
  return {
    element: part,
    refresh(id) {
      if (id !== current) pace.hurry()
      current = id
      refresh()
    },
  }
}

/** Returns bytes as text, if they are text; else in hexadecimal, the first of them. */
export function textOf(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes)
  if (!/[\ufffd\p{Cc}]/u.test(text)) return JSON.stringify(text)
  const first = Array.from(bytes.subarray(0, MAX_BYTES), (byte) => byte.toString(16).padStart(2, '0')).join(' ')
  return `${first}${bytes.length > MAX_BYTES ? ' …' : ''} (${bytes.length} bytes)`
}
