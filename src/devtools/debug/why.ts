import { button, element, setText } from '../elements/element.ts'
import { messageOf } from '../elements/format-number.ts'
import type { WhyLinks } from './why-answer.ts'

/** Answers who wrote a field. */
export interface Why {
  /** The place of the answer. */
  readonly element: HTMLElement
  /** Creates the button beside a field; none beside that of a relation, whose writes are not traced. */
  buttons(row: { readonly component: string; readonly field: string; readonly entity: number }): readonly HTMLElement[]
  /** Removes the answer, unless it is about this entity. */
  forget(entity: number | undefined): void
}

/** Creates the place of answers and their buttons. What asks is loaded with the first question, which starts to keep the past. */
export function createWhy(links: WhyLinks): Why {
  const place = element('div', { class: 'why' })
  let asked = 0
  let about: number | undefined

  async function ask(field: string, entity: number, asker: HTMLElement): Promise<void> {
    const turn = ++asked
    about = entity
    const status = element('p', { role: 'status', class: 'muted' }, 'Looking through the past…')
    place.replaceChildren(status)
    // The answer is below all fields.
    status.scrollIntoView({ block: 'nearest' })
    try {
      const wasOpen = links.debug.isOpen
      await links.debug.open()
      if (!wasOpen || links.debug.kept === undefined) {
        setText(status, 'The past is kept from now on. Let the game run, and ask again.')
        return
      }
      const [{ createAnswer }, { addDebugStyle }] = await Promise.all([import('./why-answer.ts'), import('./debug-style.ts')])
      addDebugStyle(place)
      const answer = await createAnswer(links, field, entity)
      if (turn !== asked) return
      const close = button(
        '✕',
        () => {
          place.replaceChildren()
          asker.focus()
        },
        { 'aria-label': 'Close the answer' },
      )
      const title = element('h3', { tabindex: -1 }, `Why ${field} of ${entity}`)
      place.replaceChildren(element('div', { class: 'bar tight' }, title, close), answer)
      title.focus()
      place.scrollIntoView({ block: 'nearest' })
    } catch (error) {
      if (turn === asked) setText(status, messageOf(error))
    }
  }

  return {
    element: place,
    buttons({ component, field, entity }) {
      if (component.includes('(')) return []
      const name = `${component}.${field}`
      const made = button('Why?', () => void ask(name, entity, made), { class: 'ask', 'aria-label': `Why ${name}?` })
      return [made]
    },
    forget(entity) {
      if (entity === about) return
      about = undefined
      asked++
      place.replaceChildren()
    },
  }
}
