import type { Direction, Wish } from '../sim/input.ts'

/** A button that is for the page as well. */
export type PadButton = 'a' | 'start'

/** What a gamepad says. */
export interface PadState {
  readonly wish: Wish
  readonly button: PadButton | undefined
}

/** The part of its way that a stick has to move before it counts. */
const DEAD_ZONE = 0.35
/** Buttons of the standard mapping. */
const DASH = [0, 1, 5, 7]
const FIRE = [2, 4, 6]
const [A, START] = [0, 9] as const
const [UP, DOWN, LEFT, RIGHT] = [12, 13, 14, 15] as const

/** Returns the state of the first gamepad; `undefined` without one. */
export function readGamepad(pads: readonly (Gamepad | null)[] = navigator.getGamepads?.() ?? []): PadState | undefined {
  const pad = pads.find((each) => each?.connected === true && each.mapping === 'standard')
  if (pad === undefined || pad === null) return undefined
  const isHeld = (button: number): boolean => pad.buttons[button]?.pressed === true
  const axis = (index: number): number => pad.axes[index] ?? 0
  const step = (value: number, less: number, more: number): Direction => {
    const held = Number(isHeld(more)) - Number(isHeld(less))
    return (held !== 0 ? held : Math.abs(value) > DEAD_ZONE ? Math.sign(value) : 0) as Direction
  }
  const [x, y] = [step(axis(0), LEFT, RIGHT), step(axis(1), UP, DOWN)]
  const isAiming = Math.hypot(axis(2), axis(3)) > DEAD_ZONE
  const wish: Wish = {
    ...{ x, y },
    fire: x !== 0 || y !== 0 || isAiming || FIRE.some(isHeld),
    dash: DASH.some(isHeld),
    ...(isAiming && { aimX: byteOf(axis(2)), aimY: byteOf(axis(3)) }),
  }
  return { wish, button: isHeld(START) ? 'start' : isHeld(A) ? 'a' : undefined }
}

function byteOf(axis: number): number {
  return Math.round(Math.max(-1, Math.min(1, axis)) * 127)
}
