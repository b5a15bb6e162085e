import type { Direction, Wish } from '../sim/input.ts'
import { createStick } from '../view/stick.ts'
import type { Device } from './devices.ts'
import { KEYS } from './direction-keys.ts'
import { type PadButton, readGamepad } from './gamepad.ts'

/** The controls of a player. */
export interface Controls {
  /** Returns the current input. */
  wish(): Wish
  /** Looks for buttons of a gamepad that are for the page. Call it in each frame: they have no events. */
  watchPad(): void
  dispose(): void
}

/** Options of {@link createControls}. */
export interface ControlsOptions {
  /** Returns where the player is on the surface, in CSS pixels. */
  readonly playerAt: () => { readonly x: number; readonly y: number }
  /** Called when somebody plays with another device than before. */
  readonly onDevice?: (device: Device) => void
  /** Called when A or Start of a gamepad is pressed. */
  readonly onPadButton?: (button: PadButton) => void
}

const DASH = ['ShiftLeft', 'ShiftRight']
/** Pixels that a finger has to move before it has a direction. */
const DEAD_ZONE = 12
/** The minimum share of an axis in the movement for that axis to count. */
const DIAGONAL = 0.38
/** Milliseconds for which the mouse aims after it moved. Then the game aims again. */
const AIMS_FOR = 2500

/**
 * Reads keyboard, mouse, touch and gamepad over the picture of a game, which must be focusable. The player moves towards the pointer of
 * a pressed mouse, and in the direction in which a finger has moved since it was put down. A moving player fires, where the mouse or the
 * right stick points, and otherwise at the nearest enemy.
 */
export function createControls(surface: HTMLElement, { playerAt, onDevice, onPadButton }: ControlsOptions): Controls {
  const held = new Set<string>()
  let pointer: { readonly id: number; readonly isTouch: boolean; startX: number; startY: number; x: number; y: number } | undefined
  let aim: { readonly x: number; readonly y: number; readonly at: number } | undefined
  /** A dash that was asked for once, and not yet by a tick. */
  let dash = false
  let device: Device | undefined
  let padHeld: PadButton | undefined
  const stick = createStick(surface)
  const off = new AbortController()
  const { signal } = off
  const use = (now: Device): void => {
    if (now !== device) onDevice?.(now)
    device = now
  }

  surface.addEventListener(
    'keydown',
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !isForGame(event)) return
      if (!(event.code in KEYS || event.code === 'Space' || DASH.includes(event.code))) return
      use('keys')
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
      if (!isForGame(event)) return
      const isTouch = event.pointerType === 'touch'
      // The right button, or a second finger.
      if (event.button === 2 || (pointer !== undefined && isTouch)) dash = true
      if (pointer !== undefined || event.button !== 0) return
      use(isTouch ? 'touch' : 'keys')
      const { offsetX: x, offsetY: y } = event
      pointer = { id: event.pointerId, isTouch, startX: x, startY: y, x, y }
      if (isTouch) stick.show(x, y, x, y)
      surface.setPointerCapture(event.pointerId)
      surface.focus({ preventScroll: true })
    },
    { signal },
  )
  surface.addEventListener('contextmenu', (event) => isForGame(event) && event.preventDefault(), { signal })
  surface.addEventListener(
    'pointermove',
    (event) => {
      const { offsetX: x, offsetY: y } = event
      if (event.pointerType === 'mouse' && isForGame(event)) aim = { x, y, at: event.timeStamp }
      if (pointer?.id !== event.pointerId) return
      pointer.x = x
      pointer.y = y
      if (pointer.isTouch) stick.show(pointer.startX, pointer.startY, x, y)
    },
    { signal },
  )
  for (const name of ['pointerup', 'pointercancel', 'lostpointercapture'] as const) {
    surface.addEventListener(
      name,
      (event) => {
        if (pointer?.id === event.pointerId) letGoOfPointer()
      },
      { signal },
    )
  }

  /** Returns whether an event is for the game, and not for an element over its picture. */
  function isForGame({ target }: Event): boolean {
    return target === surface || target instanceof HTMLCanvasElement
  }

  function letGoOfPointer(): void {
    pointer = undefined
    stick.hide()
  }

  function letGo(): void {
    held.clear()
    letGoOfPointer()
  }

  function fromPointer(): Wish | undefined {
    if (pointer === undefined) return undefined
    const from = pointer.isTouch ? { x: pointer.startX, y: pointer.startY } : playerAt()
    return { ...towards(pointer.x - from.x, pointer.y - from.y), fire: true }
  }

  function fromKeys(): Wish | undefined {
    if (held.size === 0) return undefined
    let [x, y] = [0, 0]
    for (const code of held) {
      const [right, down] = KEYS[code] ?? [0, 0]
      x += right
      y += down
    }
    return { x: Math.sign(x) as Direction, y: Math.sign(y) as Direction, fire: true, dash: DASH.some((code) => held.has(code)) }
  }

  function fromPad(): Wish | undefined {
    const wish = readGamepad()?.wish
    if (wish === undefined || (!wish.fire && wish.dash !== true)) return undefined
    use('pad')
    return wish
  }

  /** Where the mouse points, if it has moved lately. */
  function aimOfMouse(): Pick<Wish, 'aimX' | 'aimY'> {
    if (aim === undefined || device !== 'keys' || performance.now() - aim.at > AIMS_FOR) return {}
    const from = playerAt()
    const [right, down] = [aim.x - from.x, aim.y - from.y]
    const length = Math.hypot(right, down)
    if (length < DEAD_ZONE) return {}
    return { aimX: Math.round((right / length) * 127), aimY: Math.round((down / length) * 127) }
  }

  return {
    wish() {
      const wish = fromPointer() ?? fromKeys() ?? fromPad() ?? { x: 0, y: 0, fire: false }
      const dashes = dash || wish.dash === true
      dash = false
      return { ...(wish.fire ? aimOfMouse() : {}), ...wish, ...(dashes && { dash: true }) }
    },
    watchPad() {
      const button = readGamepad()?.button
      if (button !== undefined && button !== padHeld) {
        use('pad')
        onPadButton?.(button)
      }
      padHeld = button
    },
    dispose: () => off.abort(),
  }
}

/** Returns the nearest of eight directions. */
function towards(right: number, down: number): { readonly x: Direction; readonly y: Direction } {
  const length = Math.hypot(right, down)
  if (length < DEAD_ZONE) return { x: 0, y: 0 }
  const step = (part: number): Direction => (Math.abs(part) / length < DIAGONAL ? 0 : (Math.sign(part) as Direction))
  return { x: step(right), y: step(down) }
}
