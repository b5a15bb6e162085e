import gifenc from 'gifenc'
import { PNG } from 'pngjs'

const { applyPalette, GIFEncoder, quantize } = gifenc

/** A picture, and for how many milliseconds it is shown. */
export interface Frame {
  readonly png: Buffer
  readonly delay: number
}

const COLOURS = 255
/** The index of pixels that are as in the frame before. */
const SAME = COLOURS
/** Pixels of all frames that the palette is made from. */
const SAMPLES = 400_000

/** Makes an animation that repeats. A frame holds only the pixels that differ from the one before. */
export function encodeGif(frames: readonly Frame[]): Uint8Array {
  const images = frames.map(({ png, delay }) => ({ ...PNG.sync.read(png), delay }))
  const palette = paletteOf(images.map(({ data }) => data))
  const gif = GIFEncoder()
  let before: Uint8Array | undefined
  for (const [number, { data, width, height, delay }] of images.entries()) {
    const pixels = applyPalette(data, palette)
    const shown = before === undefined ? pixels : pixels.map((colour, at) => (colour === before?.[at] ? SAME : colour))
    gif.writeFrame(shown, width, height, {
      delay,
      transparent: true,
      transparentIndex: SAME,
      dispose: 1,
      ...(number === 0 && { palette: [...palette, [0, 0, 0]] }),
    })
    before = pixels
  }
  gif.finish()
  return gif.bytes()
}

function paletteOf(images: readonly Uint8Array[]): number[][] {
  const pixels = images.reduce((sum, { length }) => sum + length / 4, 0)
  const step = Math.max(1, Math.ceil(pixels / SAMPLES))
  const samples = new Uint8Array(4 * Math.ceil(pixels / step))
  let place = 0
  let next = 0
  for (const image of images) {
    for (; next < image.length / 4; next += step) {
      samples.set(image.subarray(4 * next, 4 * next + 4), place)
      place += 4
    }
    next -= image.length / 4
  }
  return quantize(samples.subarray(0, place), COLOURS)
}
