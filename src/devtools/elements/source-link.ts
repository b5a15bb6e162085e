import type { TraceEvent, TraceFrame } from '../../debug/index.ts'
import { button, element } from './element.ts'
import type { OpenSource } from './source-place.ts'

/** Returns where an event happened, in few characters. */
export function placeText({ script, place }: Pick<TraceEvent, 'script' | 'place'>): string {
  return place === undefined ? script : `${script}:${place.line}`
}

/** Creates a button that opens a place in the editor of the game; its text alone if the game offers none. */
export function sourceLink({ script, place }: Pick<TraceFrame, 'script' | 'place'>, openSource: OpenSource | undefined): HTMLElement {
  const text = placeText({ script, ...(place && { place }) })
  if (place === undefined || openSource === undefined) return element('span', { class: 'muted' }, text)
  return button(text, () => openSource({ script, location: place }), {
    class: 'link source',
    'aria-label': `Open ${text}`,
  })
}
