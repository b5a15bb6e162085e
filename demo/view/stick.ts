/** Shows a stick under a finger. */
export interface Stick {
  /** Shows the stick where a finger was put down, and where it is now, in CSS pixels of the game. */
  show(startX: number, startY: number, x: number, y: number): void
  hide(): void
}

/** Pixels that the knob moves at most. */
const REACH = 44

/** Adds a stick, hidden, to the game. */
export function createStick(parent: HTMLElement): Stick {
  const base = document.createElement('div')
  base.className = 'stick'
  base.hidden = true
  base.setAttribute('aria-hidden', 'true')
  const knob = base.appendChild(document.createElement('i'))
  parent.append(base)
  return {
    show(startX, startY, x, y) {
      const [right, down] = [x - startX, y - startY]
      const part = Math.min(1, REACH / (Math.hypot(right, down) || 1))
      base.style.translate = `${startX}px ${startY}px`
      knob.style.translate = `${right * part}px ${down * part}px`
      base.hidden = false
    },
    hide() {
      base.hidden = true
    },
  }
}
