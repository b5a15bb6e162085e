import { KEYS } from '../play/direction-keys.ts'

/** Calls `onChange` with the direction of the held keys, or of a finger or mouse that is down, whenever it changes. */
export function followControls(surface: HTMLElement, onChange: (direction: { readonly x: number; readonly y: number }) => void): void {
  const held = new Set<string>()
  const tell = (): void => {
    const sum = [...held].map((code) => KEYS[code] ?? [0, 0]).reduce(([x, y], [dx, dy]) => [x + dx, y + dy], [0, 0])
    onChange({ x: Math.sign(sum[0]), y: Math.sign(sum[1]) })
  }
  addEventListener('keydown', (event) => {
    if (!(event.code in KEYS) || event.target instanceof HTMLInputElement) return
    event.preventDefault()
    held.add(event.code)
    tell()
  })
  addEventListener('keyup', (event) => {
    if (held.delete(event.code)) tell()
  })
  addEventListener('blur', () => {
    held.clear()
    tell()
  })
  surface.addEventListener('pointerdown', (event) => {
    surface.setPointerCapture(event.pointerId)
    point(event)
  })
  surface.addEventListener('pointermove', (event) => {
    if (event.buttons > 0) point(event)
  })
  surface.addEventListener('pointerup', tell)
  surface.addEventListener('pointercancel', tell)

  /** Steers away from the middle of the picture. */
  function point({ clientX, clientY }: PointerEvent): void {
    const { left, top, width, height } = surface.getBoundingClientRect()
    const [x, y] = [clientX - left - width / 2, clientY - top - height / 2]
    const distance = Math.hypot(x, y)
    onChange(distance < 20 ? { x: 0, y: 0 } : { x: x / distance, y: y / distance })
  }
}
