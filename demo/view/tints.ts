import type { Shape } from './shapes.ts'

/** The saturation and the lightness of each shape, from 0 to 1. */
const STYLE: Readonly<Record<Shape, readonly [saturation: number, lightness: number]>> = {
  player: [0.9, 0.65],
  hunter: [0.8, 0.62],
  bullet: [1, 0.65],
  spark: [1, 0.6],
  star: [0.6, 0.75],
  charger: [0.95, 0.6],
  spitter: [0.7, 0.58],
  boss: [0.75, 0.66],
  shot: [1, 0.6],
  heart: [0.95, 0.7],
  power: [0.9, 0.65],
  bomb: [0.9, 0.65],
}
/** Degrees between two hues in the table. The canvas renderer caches an image for each colour. */
const STEP = 5
const HUES = 360 / STEP

const tints = new Map<Shape, Uint32Array>()

/** Returns the colour of a shape for a hue in degrees, in the format of Pixi's particles: alpha, blue, green, red. */
export function tintOf(shape: Shape, hue: number, opacity: number): number {
  let table = tints.get(shape)
  if (table === undefined) {
    const [saturation, lightness] = STYLE[shape]
    table = Uint32Array.from({ length: HUES }, (_, index) => colour(index * STEP, saturation, lightness))
    tints.set(shape, table)
  }
  const index = Math.round((((hue % 360) + 360) % 360) / STEP) % HUES
  return (((opacity * 255) << 24) | (table[index] ?? 0xffffff)) >>> 0
}

/** https://www.w3.org/TR/css-color-4/#hsl-to-rgb */
function colour(hue: number, saturation: number, lightness: number): number {
  const part = (offset: number): number => {
    const at = (offset + hue / 30) % 12
    const strength = saturation * Math.min(lightness, 1 - lightness)
    return Math.round(255 * (lightness - strength * Math.max(-1, Math.min(at - 3, 9 - at, 1))))
  }
  return (part(4) << 16) | (part(8) << 8) | part(0)
}
