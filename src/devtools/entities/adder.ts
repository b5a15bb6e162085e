import { button, element } from '../elements/element.ts'

/** A list to choose from, with a button that adds what was chosen. */
export interface Adder {
  readonly element: HTMLElement
  /** Offers other names. */
  offer(names: readonly string[]): void
}

/** Creates a list with a button. `label` names the list. Hides both while there is nothing to choose. */
export function createAdder(label: string, act: string, onAdd: (name: string) => void): Adder {
  const list = element('select', { 'aria-label': label })
  const add = button(act, () => onAdd(list.value), { 'aria-label': label })
  const made = element('span', { class: 'group' }, list, add)
  let offered = ''
  return {
    element: made,
    offer(names) {
      const key = JSON.stringify(names)
      // A list that is open would close if its options were replaced.
      if (key === offered) return
      offered = key
      const { value } = list
      list.replaceChildren(...names.map((name) => element('option', { value: name }, name)))
      if (names.includes(value)) list.value = value
      made.hidden = names.length === 0
    },
  }
}
