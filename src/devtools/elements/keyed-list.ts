/** The element of an item. */
export interface Row<Item> {
  readonly element: HTMLElement
  /** Shows a changed item. Omitted if items never change. */
  update?(item: Item): void
}

/** Returns a function that shows items as children of an element. Items with the same key keep their element, and its focus. */
export function keyedList<Item>(
  parent: HTMLElement,
  keyOf: (item: Item) => unknown,
  create: (item: Item) => Row<Item>,
): (items: readonly Item[]) => void {
  const rows = new Map<unknown, Row<Item>>()
  return (items) => {
    const keys = new Set(items.map(keyOf))
    for (const [key, row] of rows) {
      if (keys.has(key)) continue
      row.element.remove()
      rows.delete(key)
    }
    let place = parent.firstChild
    for (const item of items) {
      const key = keyOf(item)
      const row = rows.get(key) ?? create(item)
      rows.set(key, row)
      row.update?.(item)
      if (row.element === place) place = place.nextSibling
      else parent.insertBefore(row.element, place)
    }
  }
}
