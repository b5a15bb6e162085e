import { OBSERVED } from './observed.ts'

/** Describes a value bit by bit, except for the payload of NaN. */
export function describeValue(value: unknown): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return `function ${value.name}`
  if (Array.isArray(value)) return `[${value.map(describeValue).join(', ')}]`
  if (typeof value === 'string') return `'${value}'`
  return value === null ? 'null' : typeof value
}

/** Describes a thrown value: a trap or a host's error by its message, an exception by its tag and values. */
export function describeError(error: unknown, exports: WebAssembly.Exports): string {
  if (WebAssembly.Exception !== undefined && error instanceof WebAssembly.Exception) return describeException(error, exports)
  return error instanceof Error ? `${error.name}: ${error.message}` : `a thrown ${describeValue(error)}`
}

function describeException(exception: WebAssembly.Exception, exports: WebAssembly.Exports): string {
  for (const [name, tag] of Object.entries(exports)) {
    if (!name.startsWith(OBSERVED) || !(tag instanceof WebAssembly.Tag) || !exception.is(tag)) continue
    const carried: string[] = []
    // JavaScript cannot read the number of values of a tag, nor a vector.
    for (let index = 0; index < 10; index++) {
      try {
        carried.push(describeValue(exception.getArg(tag, index)))
      } catch (error) {
        if (error instanceof RangeError) break
        carried.push('unreadable')
      }
    }
    return `exception ${name} (${carried.slice(0, 10).join(', ')})`
  }
  return 'an exception of no tag'
}

/** Describes the globals and tables of an instance whose module exports everything. */
export function describeState(exports: WebAssembly.Exports): string {
  const lines: string[] = []
  for (const [name, value] of Object.entries(exports)) {
    if (!name.startsWith(OBSERVED)) continue
    if (value instanceof WebAssembly.Global) lines.push(`${name} = ${attempt(() => value.value)}`)
    else if (value instanceof WebAssembly.Table) {
      const elements = Array.from({ length: Math.min(value.length, 50) }, (_, index) => attempt(() => value.get(index)))
      lines.push(`${name} = ${value.length}: ${elements.join(', ')}`)
    }
  }
  return lines.join('\n')
}

/** Vectors and exceptions have no form in JavaScript. */
function attempt(read: () => unknown): string {
  try {
    return describeValue(read())
  } catch {
    return 'unreadable'
  }
}

const COMPARED_AT_FRONT = 4 * 2 ** 20
const COMPARED_AT_END = 65_536

/** Returns the first difference between two instances' memories, or `undefined`. Compares only the start and end of large ones. */
export function memoryDifference(one: WebAssembly.Exports, other: WebAssembly.Exports): string | undefined {
  for (const [name, memory] of Object.entries(one)) {
    if (!name.startsWith(OBSERVED) || !(memory instanceof WebAssembly.Memory)) continue
    const left = memory.buffer
    const right = (other[name] as WebAssembly.Memory).buffer
    if (left.byteLength !== right.byteLength) return `${name} has ${left.byteLength} bytes and ${right.byteLength}`
    const length = Math.min(left.byteLength, COMPARED_AT_FRONT)
    const front = Buffer.from(left, 0, length)
    const otherFront = Buffer.from(right, 0, length)
    if (!front.equals(otherFront)) {
      const at = front.findIndex((byte, index) => byte !== otherFront[index])
      const excerpt = (bytes: Buffer): string => bytes.subarray(at & ~7, (at & ~7) + 16).toString('hex')
      return `${name} differs at ${at}: ${excerpt(front)} and ${excerpt(otherFront)}`
    }
    const end = Math.max(0, left.byteLength - COMPARED_AT_END)
    if (!Buffer.from(left, end).equals(Buffer.from(right, end))) return `${name} differs in its last page`
  }
  return undefined
}
