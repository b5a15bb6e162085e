type Direction = -1 | 0 | 1

/** The input of a player. */
export interface Wish {
  readonly x: Direction
  readonly y: Direction
  readonly fire: boolean
}

/** The controls of a player. */
export interface Controls {
  /** Returns the current input. */
  wish(): Wish
  dispose(): void
}

const KEYS: Readonly<Record<string, readonly [Direction, Direction]>> = {
  ArrowLeft: [-1, 0],
  KeyA: [-1, 0],
  ArrowRight: [1, 0],
  KeyD: [1, 0],
  ArrowUp: [0, -1],
  KeyW: [0, -1],
  ArrowDown: [0, 1],
  KeyS: [0, 1],
}
/** Pixels that a finger has to move before it has a direction. */
const DEAD_ZONE = 12
/** The minimum share of an axis in the movement for that axis to count. */
const DIAGONAL = 0.38

/**
 * Reads keyboard, mouse and touch over the picture of a game, which must be focusable. The player moves towards the pointer of
 * a pressed mouse, and in the direction in which a finger has moved since it was put down. A moving player fires.
 */
export function createControls(surface: HTMLElement, playerAt: () => { readonly x: number; readonly y: number }): Controls {
  const held = new Set<string>()
  let pointer: { readonly id: number; readonly isTouch: boolean; startX: number; startY: number; x: number; y: number } | undefined
  const off = new AbortController()
  const { signal } = off

  surface.addEventListener(
    'keydown',
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !isForGame(event)) return
      if (!(event.code in KEYS || event.code === 'Space')) return
      held.add(event.code)
      event.preventDefault()
    },
    { signal },
  )
  addEventListener('keyup', (event) => held.delete(event.code), { signal })
  addEventListener('blur', () => letGo(), { signal })
  surface.addEventListener('blur', () => letGo(), { signal })
  surface.addEventListener(
    'pointerdown',
    (event) => {
      if (pointer !== undefined || event.button !== 0 || !isForGame(event)) return
      const { offsetX: x, offsetY: y } = event
      pointer = { id: event.pointerId, isTouch: event.pointerType === 'touch', startX: x, startY: y, x, y }
      surface.setPointerCapture(event.pointerId)
      surface.focus({ preventScroll: true })
    },
    { signal },
  )
  surface.addEventListener(
    'pointermove',
    (event) => {
      if (pointer?.id !== event.pointerId) return
      pointer.x = event.offsetX
      pointer.y = event.offsetY
    },
    { signal },
  )
  for (const name of ['pointerup', 'pointercancel', 'lostpointercapture'] as const) {
    surface.addEventListener(
      name,
      (event) => {
        if (pointer?.id === event.pointerId) pointer = undefined
      },
      { signal },
    )
  }

  /** Returns whether an event is for the game, and not for an element over its picture. */
  function isForGame({ target }: Event): boolean {
    return target === surface || target instanceof HTMLCanvasElement
  }

  function letGo(): void {
    held.clear()
    pointer = undefined
  }

  function fromPointer(): Wish | undefined {
    if (pointer === undefined) return undefined
    const from = pointer.isTouch ? { x: pointer.startX, y: pointer.startY } : playerAt()
    return { ...towards(pointer.x - from.x, pointer.y - from.y), fire: true }
  }

  function fromKeys(): Wish {
    let [x, y] = [0, 0]
    for (const code of held) {
      const [right, down] = KEYS[code] ?? [0, 0]
      x += right
      y += down
    }
    return { x: Math.sign(x) as Direction, y: Math.sign(y) as Direction, fire: held.size > 0 }
  }

  return { wish: () => fromPointer() ?? fromKeys(), dispose: () => off.abort() }
}

/** Returns the nearest of eight directions. */
function towards(right: number, down: number): { readonly x: Direction; readonly y: Direction } {
  const length = Math.hypot(right, down)
  if (length < DEAD_ZONE) return { x: 0, y: 0 }
  const step = (part: number): Direction => (Math.abs(part) / length < DIAGONAL ? 0 : (Math.sign(part) as Direction))
  return { x: step(right), y: step(down) }
}
