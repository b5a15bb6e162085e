import { ARENA } from '../sim/components.ts'

/** What part of the arena is seen: `x` and `y` of the arena are at the view's upper left corner. */
export interface View {
  readonly x: number
  readonly y: number
  readonly scale: number
}

/** Fills a view of so many pixels with the arena, as near to a place as its edges allow. */
export function viewOf(width: number, height: number, at: { readonly x: number; readonly y: number }): View {
  const scale = Math.max(width / ARENA.width, height / ARENA.height)
  const along = (middle: number, seen: number, whole: number): number => Math.max(0, Math.min(whole - seen, middle - seen / 2))
  return { x: along(at.x, width / scale, ARENA.width), y: along(at.y, height / scale, ARENA.height), scale }
}
