/** Keys that move by so many; `Home` and `End` go as far as there is. */
const MOVES: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowUp: -1,
  ArrowRight: 1,
  ArrowDown: 1,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
}

/**
 * Makes the buttons inside an element one stop of the Tab key, between which arrow keys move. The one that is moved to is
 * clicked: what it selects follows.
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
    const outside = options.wraps && Number.isFinite(move) ? (wanted + all.length) % all.length : Math.max(0, Math.min(last, wanted))
    const next = all[outside]
    next?.focus()
    next?.click()
  })
}

/** Lets the Tab key stop at the selected one alone, or the first if none is. */
export function setStop(buttons: readonly HTMLElement[], selected: HTMLElement | undefined): void {
  const stop = selected ?? buttons[0]
  for (const each of buttons) {
    const index = each === stop ? 0 : -1
    if (each.tabIndex !== index) each.tabIndex = index
  }
}
