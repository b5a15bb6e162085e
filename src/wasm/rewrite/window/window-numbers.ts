import type { Writer } from '../../format/writer.ts'

/** The longest encoding of a number of 32 bits. */
const PADDED_BYTES = 5

/** Writes a signed LEB128 number of 64 bits, of those from 0 to 2^53. */
export function writeLong(out: Writer, value: number): void {
  let rest = value
  while (rest > 63) {
    out.byte((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  out.byte(rest)
}

/**
 * Writes an unsigned LEB128 number of 32 bits in five bytes, however small it is: code with addresses in a window is as long for every window, so
 * that traps in it have the same places.
 */
export function writePadded(out: Writer, value: number): void {
  let rest = value
  for (let left = PADDED_BYTES; left > 1; left--) {
    out.byte((rest & 127) | 128)
    rest >>>= 7
  }
  out.byte(rest)
}

/** Writes a signed LEB128 number of 32 bits in five bytes. */
export function writePaddedSigned(out: Writer, value: number): void {
  let rest = value | 0
  for (let left = PADDED_BYTES; left > 1; left--) {
    out.byte((rest & 127) | 128)
    rest >>= 7
  }
  out.byte(rest & 127)
}
