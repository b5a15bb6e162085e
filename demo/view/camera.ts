import { ARENA } from '../sim/components.ts'

/** The visible part of the arena. `x` and `y` are the position in the arena of its upper left corner. */
export interface View {
  readonly x: number
  readonly y: number
  readonly scale: number
}

/** Returns a view of a size in pixels that the arena fills, centred on a position as far as the edges of the arena allow. */
export function viewOf(width: number, height: number, at: { readonly x: number; readonly y: number }): View {
  const scale = Math.max(width / ARENA.width, height / ARENA.height)
  const along = (middle: number, seen: number, whole: number): number => Math.max(0, Math.min(whole - seen, middle - seen / 2))
  return { x: along(at.x, width / scale, ARENA.width), y: along(at.y, height / scale, ARENA.height), scale }
}
