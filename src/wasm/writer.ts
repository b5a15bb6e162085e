import { SECTION } from './decode.ts'
import type { ByteRange, DecodedModule, Limits, Section } from './types.ts'

/** Appends the primitives of the binary format to a growing list of bytes. */
export class Writer {
  readonly #bytes: number[] = []

  byte(value: number): this {
    this.#bytes.push(value)
    return this
  }

  u32(value: number): this {
    let rest = value
    while (rest > 127) {
      this.#bytes.push((rest % 128) | 128)
      rest = Math.floor(rest / 128)
    }
    return this.byte(rest)
  }

  finish(): Uint8Array {
    return Uint8Array.from(this.#bytes)
  }
}

/** The module with the payloads of some sections replaced, and every other byte copied as it is. */
export function replaceSections(module: DecodedModule, payloads: ReadonlyMap<Section, Uint8Array>): Uint8Array<ArrayBuffer> {
  const pieces: Uint8Array[] = []
  let kept: ByteRange = { start: 0, end: 0 }
  for (const [section, payload] of payloads) {
    pieces.push(module.bytes.subarray(kept.end, section.header.start))
    pieces.push(new Writer().byte(section.id).u32(payload.length).finish(), payload)
    kept = section.payload
  }
  pieces.push(module.bytes.subarray(kept.end))
  const result = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    result.set(piece, at)
    at += piece.length
  }
  return result
}

/** The module with the limits of its own memories changed. */
export function replaceMemoryLimits(module: DecodedModule, change: (memory: Limits, index: number) => Limits): Uint8Array<ArrayBuffer> {
  const section = module.sections.find((entry) => entry.id === SECTION.memory)
  if (section === undefined) return module.bytes.slice()
  const imported = module.imports.filter((entry) => entry.kind === 'memory').length
  const defined = module.memories.slice(imported)
  const payload = new Writer().u32(defined.length)
  for (const [offset, memory] of defined.entries()) {
    const { minimum, maximum, shared, wide } = change(memory, imported + offset)
    payload.byte((maximum === undefined ? 0 : 1) | (shared ? 2 : 0) | (wide ? 4 : 0)).u32(minimum)
    if (maximum !== undefined) payload.u32(maximum)
  }
  return replaceSections(module, new Map([[section, payload.finish()]]))
}
