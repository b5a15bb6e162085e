import { button, element, setAttribute } from './element.ts'

/** A column of a table that can be sorted by. */
export interface SortedColumn<Item> {
  readonly title: string
  /** Returns what items are sorted by: numbers, of which the highest is first, or texts, from A to Z. */
  readonly key: ((item: Item) => number) | ((item: Item) => string)
  /** Whether the keys are texts. @default false */
  readonly isText?: boolean
}

/** The head of a table whose columns sort it. */
export interface SortedHead<Item> {
  readonly element: HTMLElement
  /** Returns the items in the chosen order; in their own until one was chosen. */
  sort(items: readonly Item[]): readonly Item[]
}

/** Creates a head with a button for each column: the first click sorts by it, the second the other way round, the third gives the order of the items. */
export function sortedHead<Item>(columns: readonly SortedColumn<Item>[], onChange: () => void): SortedHead<Item> {
  let chosen: SortedColumn<Item> | undefined
  let isReversed = false
  const cells = columns.map((column) => {
    const choose = button(column.title, () => {
      if (chosen !== column) [chosen, isReversed] = [column, false]
      else if (!isReversed) isReversed = true
      else chosen = undefined
      mark()
      onChange()
    })
    choose.classList.add('link')
    return { column, cell: element('th', { scope: 'col' }, choose) }
  })

  function mark(): void {
    for (const { column, cell } of cells) {
      const isAscending = (column.isText === true) !== isReversed
      setAttribute(cell, 'aria-sort', column !== chosen ? 'none' : isAscending ? 'ascending' : 'descending')
    }
  }

  mark()
  return {
    element: element('thead', {}, element('tr', {}, ...cells.map(({ cell }) => cell))),
    sort(items) {
      const column = chosen
      if (column === undefined) return items
      const sorted = items.map((item) => ({ item, key: column.key(item) })).sort((one, other) => compareKeys(one.key, other.key))
      if (isReversed) sorted.reverse()
      return sorted.map(({ item }) => item)
    },
  }
}

function compareKeys(one: number | string, other: number | string): number {
  if (typeof one === 'string' || typeof other === 'string') return String(one).localeCompare(String(other))
  return other - one
}
