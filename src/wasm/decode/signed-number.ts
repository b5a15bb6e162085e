/** Returns the signed number of 32 bits at an offset of a valid module, as an `i32.const` has it. */
export function signedAt(bytes: Uint8Array, offset: number): number {
  let value = 0
  let shift = 0
  for (let at = offset; ; at++) {
    const byte = bytes[at] as number
    value |= (byte & 127) << shift
    shift += 7
    if (byte >= 128) continue
    return shift < 32 && (byte & 64) !== 0 ? value | (-1 << shift) : value
  }
}
