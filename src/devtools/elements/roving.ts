/** The keys that move the focus, and by how many buttons. */
const MOVES: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowUp: -1,
  ArrowRight: 1,
  ArrowDown: 1,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
}

/**
 * Lets the arrow keys, Home and End move the focus between the buttons in an element, and clicks the button that receives it,
 * so that the selection follows the focus.
 */
export function rove(parent: HTMLElement, selector: string, options: { readonly wraps: boolean }): void {
  parent.addEventListener('keydown', (event) => {
    const move = MOVES[event.key]
    if (move === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    const all = [...parent.querySelectorAll<HTMLElement>(selector)]
    const from = all.indexOf((event.target as HTMLElement).closest<HTMLElement>(selector) as HTMLElement)
    if (from < 0) return
    event.preventDefault()
    const wanted = from + move
    const last = all.length - 1
    const index = options.wraps && Number.isFinite(move) ? (wanted + all.length) % all.length : Math.max(0, Math.min(last, wanted))
    const next = all[index]
    next?.focus()
    next?.click()
  })
}

/** Makes the selected button, or the first one if none is selected, the only one that the Tab key stops at. */
export function setStop(buttons: readonly HTMLElement[], selected: HTMLElement | undefined): void {
  const stop = selected ?? buttons[0]
  for (const each of buttons) {
    const index = each === stop ? 0 : -1
    if (each.tabIndex !== index) each.tabIndex = index
  }
}
