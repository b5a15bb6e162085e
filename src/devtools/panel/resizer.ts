import { element, setAttribute } from '../elements/element.ts'

/** The edge of the page that the panel is at. */
export type Side = 'bottom' | 'right'

/** Lets the panel be resized. */
export interface Resizer {
  /** What is dragged. */
  readonly element: HTMLElement
  /** The edge of the page that the panel is at. */
  readonly side: Side
  /** Moves the panel to another edge. */
  setSide(side: Side): void
  /** Applies the size, after the page or the panel changed. */
  apply(): void
}

/** Pixels by an arrow key. */
const STEP = 16
/** The least size of the panel, and what is left of the page. */
const MIN_SIZE = 120
const MIN_REST = 80
const DEFAULTS: Readonly<Record<Side, number>> = { bottom: 380, right: 440 }
/** The largest part of the page that the default takes. */
const DEFAULT_PART: Readonly<Record<Side, number>> = { bottom: 0.48, right: 0.6 }
const KEPT = 'bitscript-inspector'

interface Sizes {
  side: Side
  bottom: number | undefined
  right: number | undefined
}

/** Creates what resizes a frame, by the pointer and by the keyboard. The size is kept for the next visit. `onChange` is called when the size or side changed. */
export function createResizer(frame: HTMLElement, onChange: () => void): Resizer {
  const sizes = readSizes()
  const bar = element('div', { class: 'resizer', role: 'separator', 'aria-label': 'Size of the inspector', tabindex: 0 })

  // On a phone there is no room beside the game.
  const narrow = matchMedia('(max-width: 620px)')
  const sideNow = (): Side => (narrow.matches ? 'bottom' : sizes.side)

  /** The size of what the frame is fixed to, which is not the page if an element around it contains layout. */
  function whole(): number {
    const { width, height } = outline(frame)
    return Math.round(sideNow() === 'bottom' ? height : width)
  }

  function current(): number {
    const side = sideNow()
    const all = whole()
    return bounded(sizes[side] ?? Math.min(DEFAULTS[side], all * DEFAULT_PART[side]), all)
  }

  function resize(size: number): void {
    sizes[sideNow()] = bounded(size, whole())
    keepSizes(sizes)
    apply()
  }

  function apply(): void {
    const side = sideNow()
    const all = whole()
    const size = current()
    frame.dataset.side = side
    frame.style.setProperty('--size', `${size}px`)
    setAttribute(bar, 'aria-orientation', side === 'bottom' ? 'horizontal' : 'vertical')
    setAttribute(bar, 'aria-valuemin', String(Math.min(MIN_SIZE, all)))
    setAttribute(bar, 'aria-valuemax', String(Math.max(MIN_SIZE, all - MIN_REST)))
    setAttribute(bar, 'aria-valuenow', String(size))
    setAttribute(bar, 'aria-valuetext', `${size} pixels`)
    onChange()
  }

  bar.addEventListener('keydown', (event) => {
    const grows = sideNow() === 'bottom' ? 'ArrowUp' : 'ArrowLeft'
    const shrinks = sideNow() === 'bottom' ? 'ArrowDown' : 'ArrowRight'
    const wanted: Readonly<Record<string, number>> = {
      [grows]: current() + STEP,
      [shrinks]: current() - STEP,
      Home: 0,
      End: Number.MAX_SAFE_INTEGER,
    }
    const size = wanted[event.key]
    if (size === undefined) return
    event.preventDefault()
    resize(size)
  })
  bar.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return
    event.preventDefault()
    bar.setPointerCapture(event.pointerId)
    const side = sideNow()
    const start = (side === 'bottom' ? event.clientY : event.clientX) + current()
    const move = (moved: PointerEvent): void => resize(start - (side === 'bottom' ? moved.clientY : moved.clientX))
    const end = (): void => {
      bar.removeEventListener('pointermove', move)
      bar.removeEventListener('lostpointercapture', end)
    }
    bar.addEventListener('pointermove', move)
    bar.addEventListener('lostpointercapture', end)
  })
  bar.addEventListener('dblclick', () => {
    sizes[sideNow()] = undefined
    keepSizes(sizes)
    apply()
  })
  return {
    element: bar,
    get side() {
      return sideNow()
    },
    setSide(side) {
      sizes.side = side
      keepSizes(sizes)
      apply()
    },
    apply,
  }
}

function bounded(size: number, all: number): number {
  return Math.round(Math.max(Math.min(MIN_SIZE, all), Math.min(all - MIN_REST, size)))
}

/** Returns the size of the box that a fixed element is placed in. */
function outline(frame: HTMLElement): { readonly width: number; readonly height: number } {
  const probe = element('div', { class: 'outline' })
  frame.before(probe)
  const { width, height } = probe.getBoundingClientRect()
  probe.remove()
  return { width, height }
}

/** Returns the sizes of an earlier visit. The storage of a page may be switched off. */
function readSizes(): Sizes {
  try {
    const { side, bottom, right } = JSON.parse(localStorage.getItem(KEPT) ?? '{}') as Readonly<Record<string, unknown>>
    const size = (value: unknown): number | undefined => (typeof value === 'number' && value > 0 ? value : undefined)
    return { side: side === 'right' ? 'right' : 'bottom', bottom: size(bottom), right: size(right) }
  } catch {
    return { side: 'bottom', bottom: undefined, right: undefined }
  }
}

function keepSizes(sizes: Sizes): void {
  try {
    localStorage.setItem(KEPT, JSON.stringify(sizes))
  } catch {
    // The sizes hold for this visit.
  }
}
