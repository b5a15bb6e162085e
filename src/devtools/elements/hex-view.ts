/** A type in which the bytes of a memory are shown. */
export const MEMORY_TYPES = ['i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'i64', 'f32', 'f64'] as const
/** One of {@link MEMORY_TYPES}. */
export type MemoryType = (typeof MEMORY_TYPES)[number]

/** Bytes in a line of the hexadecimal view. */
const LINE = 16

const READERS: Readonly<Record<MemoryType, readonly [bytes: number, read: (view: DataView, at: number) => number | bigint]>> = {
  i8: [1, (view, at) => view.getInt8(at)],
  u8: [1, (view, at) => view.getUint8(at)],
  i16: [2, (view, at) => view.getInt16(at, true)],
  u16: [2, (view, at) => view.getUint16(at, true)],
  i32: [4, (view, at) => view.getInt32(at, true)],
  u32: [4, (view, at) => view.getUint32(at, true)],
  i64: [8, (view, at) => view.getBigInt64(at, true)],
  f32: [4, (view, at) => view.getFloat32(at, true)],
  f64: [8, (view, at) => view.getFloat64(at, true)],
}

/** Formats bytes as lines of an address, hexadecimal numbers and characters: `00000400  61 62 … |ab|`. */
export function formatHex(bytes: Uint8Array, address: number): string {
  return linesOf(bytes, address, (line) => {
    const numbers = Array.from(line, (byte) => byte.toString(16).padStart(2, '0')).join(' ')
    const characters = Array.from(line, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')
    return `${numbers.padEnd(LINE * 3 - 1)}  ${characters}`
  })
}

/** Formats bytes as lines of an address and the numbers that they are in a type. Bytes at the end that are no whole number are left out. */
export function formatNumbers(bytes: Uint8Array, address: number, type: MemoryType): string {
  const [size, read] = READERS[type]
  return linesOf(bytes, address, (line) => {
    const view = new DataView(line.buffer, line.byteOffset, line.byteLength)
    return Array.from({ length: Math.floor(line.length / size) }, (_, index) => formatNumber(read(view, index * size), type)).join('  ')
  })
}

function formatNumber(value: number | bigint, type: MemoryType): string {
  return type === 'f32' && typeof value === 'number' ? String(Number(value.toPrecision(7))) : String(value)
}

function linesOf(bytes: Uint8Array, address: number, format: (line: Uint8Array) => string): string {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += LINE) {
    const text = format(bytes.subarray(at, at + LINE))
    lines.push(`${(address + at).toString(16).padStart(8, '0')}  ${text}`.trimEnd())
  }
  return lines.join('\n')
}

/** Reads an address, decimal or hexadecimal with `0x`; `undefined` for other text. */
export function parseAddress(text: string): number | undefined {
  const word = text.trim()
  if (!/^(0x[\da-f]+|\d+)$/i.test(word)) return undefined
  const address = Number(word)
  return address <= 0xffff_ffff ? address : undefined
}
