import { element } from './dom.ts'

/** The marks of a script in the list. */
export interface Marks {
  /** Whether its text differs from its file. */
  readonly changed: boolean
  /** Whether it has a mistake. */
  readonly mistaken: boolean
}

/** The list of scripts, one of which is open. */
export interface ScriptList {
  readonly element: HTMLElement
  add(name: string): void
  remove(name: string): void
  select(name: string): void
  mark(name: string, marks: Marks): void
}

const MOVES: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowUp: -1,
  ArrowRight: 1,
  ArrowDown: 1,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
}

/** Creates a list box, and a select element for narrow pages. The style sheet shows one of the two. */
export function scriptList(names: readonly string[], onOpen: (name: string) => void): ScriptList {
  const entries = new Map<string, { readonly option: HTMLOptionElement; readonly item: ListItem }>()
  const select = element('select', { class: 'live-select', 'aria-label': 'Script' })
  select.addEventListener('change', () => onOpen(select.value))
  const list = element('div', { role: 'listbox', class: 'live-list', 'aria-label': 'Scripts' })
  const add = (name: string): void => {
    const entry = { option: new Option(name, name), item: listItem(name, () => onOpen(name)) }
    entries.set(name, entry)
    select.append(entry.option)
    list.append(entry.item.element)
  }
  for (const name of names) add(name)
  list.addEventListener('keydown', (event) => {
    const move = MOVES[event.key]
    const all = [...entries]
    const from = all.findIndex(([, { item }]) => item.element === event.target)
    if (move === undefined || from < 0 || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return
    event.preventDefault()
    const [name, { item }] = all[Math.max(0, Math.min(all.length - 1, from + move))] as (typeof all)[number]
    item.element.focus()
    onOpen(name)
  })
  return {
    element: element('div', { class: 'live-scripts' }, list, select),
    add,
    remove(name) {
      const entry = entries.get(name)
      entries.delete(name)
      entry?.option.remove()
      entry?.item.element.remove()
    },
    select(name) {
      select.value = name
      for (const [each, { item }] of entries) item.select(each === name)
    },
    mark(name, marks) {
      const entry = entries.get(name)
      if (entry === undefined) return
      entry.item.mark(marks)
      entry.option.text = `${name}${describe(marks)}`
    },
  }
}

interface ListItem {
  readonly element: HTMLElement
  select(selected: boolean): void
  mark(marks: Marks): void
}

function listItem(name: string, onOpen: () => void): ListItem {
  const sign = element('span', { class: 'live-mark', 'aria-hidden': 'true' })
  const words = element('span', { class: 'live-hidden' })
  const item = element('div', { role: 'option', class: 'live-item' }, sign, element('span', {}, name), words)
  item.addEventListener('click', () => {
    item.focus()
    onOpen()
  })
  return {
    element: item,
    select(selected) {
      item.ariaSelected = String(selected)
      item.tabIndex = selected ? 0 : -1
    },
    mark(marks) {
      sign.textContent = marks.mistaken ? '✗' : marks.changed ? '●' : ''
      item.classList.toggle('live-mistaken', marks.mistaken)
      words.textContent = describe(marks)
    },
  }
}

function describe({ changed, mistaken }: Marks): string {
  return mistaken ? ' (mistake)' : changed ? ' (changed)' : ''
}
