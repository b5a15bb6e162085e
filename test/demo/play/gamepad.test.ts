import { describe, expect, it } from 'vitest'
import { readGamepad } from '../../../demo/play/gamepad.ts'

function pad(axes: readonly number[], held: readonly number[] = [], mapping = 'standard'): Gamepad {
  const buttons = Array.from({ length: 17 }, (_, index) => ({ pressed: held.includes(index) }))
  return { connected: true, mapping, axes, buttons } as unknown as Gamepad
}

describe('a gamepad', () => {
  it('moves with the left stick or the cross, and fires on the way', () => {
    expect(readGamepad([null, pad([0.9, -0.6, 0, 0])])?.wish).toEqual({ x: 1, y: -1, fire: true, dash: false })
    expect(readGamepad([pad([0, 0, 0, 0], [14])])?.wish).toMatchObject({ x: -1, y: 0 })
  })

  it('does nothing where sticks do not quite return to the middle', () => {
    expect(readGamepad([pad([0.2, -0.2, 0.2, 0.1])])).toEqual({ wish: { x: 0, y: 0, fire: false, dash: false }, button: undefined })
  })

  it('aims with the right stick, and dashes with A', () => {
    expect(readGamepad([pad([0, 0, -1.01, 0.5], [0])])).toEqual({
      wish: { x: 0, y: 0, fire: true, dash: true, aimX: -127, aimY: 64 },
      button: 'a',
    })
  })

  it('pauses with Start', () => {
    expect(readGamepad([pad([0, 0, 0, 0], [9])])?.button).toBe('start')
  })

  it('counts only if it has the standard layout', () => {
    expect(readGamepad([pad([1, 1, 0, 0], [], '')])).toBeUndefined()
    expect(readGamepad([])).toBeUndefined()
  })
})
