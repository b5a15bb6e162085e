import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { ScriptError } from '../../../src/errors.ts'
import { decodeModule } from '../../../src/wasm/decode/decode.ts'
import type { DecodedModule } from '../../../src/wasm/format/module.ts'
import { binary, section } from '../../fixtures/wasm/bytes.ts'
import { realModules, WEBASSEMBLY_3 } from '../../fixtures/wasm/modules.ts'

type Module = Uint8Array<ArrayBuffer>

/** Returns the decoded module; `undefined` if it is refused as malformed, 'TooLarge' past a limit of ours. Throws any other error. */
function decodeOrRefuse(bytes: Module): DecodedModule | 'TooLarge' | undefined {
  try {
    return decodeModule(bytes)
  } catch (error) {
    if (error instanceof ScriptError && error.code === 'TooLarge') {
      const [, count, limit] = / (\d+) [^,]*, the limit is (\d+)/.exec(error.detail) ?? []
      if (!(Number(count) > Number(limit))) throw new Error(`too large, but within the limit: ${error.detail}`)
      return 'TooLarge'
    }
    if (!(error instanceof ScriptError) || error.code !== 'InvalidBinary') throw error
    const offset = Number(/, at offset (0x[0-9a-f]+)$/.exec(error.detail)?.[1])
    if (!(offset >= 0 && offset <= bytes.length)) throw new Error(`an error without a place in the file: ${error.detail}`)
    return undefined
  }
}

/** Decodes the bytes and compares the result with the engine's. Returns whether the engine accepts them. */
function agreesWithEngine(bytes: Module): boolean {
  const module = decodeOrRefuse(bytes)
  if (module === 'TooLarge' || !WebAssembly.validate(bytes)) return false
  if (module === undefined) throw new Error('a valid module was refused')
  const compiled = new WebAssembly.Module(bytes)
  const described = ({ kind, ...entry }: { kind: string; module?: string; name: string }) => ({
    module: entry.module,
    name: entry.name,
    kind: kind === 'func' ? 'function' : kind,
  })
  const imports = WebAssembly.Module.imports(compiled).map(described)
  const exports = WebAssembly.Module.exports(compiled).map(described)
  if (JSON.stringify(module.imports.map(described)) !== JSON.stringify(imports)) throw new Error('other imports than the engine reads')
  if (JSON.stringify(module.exports.map(described)) !== JSON.stringify(exports)) throw new Error('other exports than the engine reads')
  return true
}

/** Returns how many modules the engine accepts. Fails unless the decoder accepts those, too. */
function countValid(modules: Iterable<Module>): number {
  let valid = 0
  for (const bytes of modules) if (agreesWithEngine(bytes)) valid++
  return valid
}

interface Edit {
  readonly kind: 'replace' | 'flip' | 'insert' | 'delete' | 'repeat' | 'truncate'
  /** The position as a fraction of the module's length. */
  readonly at: number
  readonly bytes: Uint8Array
}

/** Returns the parts as one module. */
function joined(...parts: readonly Uint8Array[]): Module {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** Returns the module with a bit changed. */
function withFlippedBit(bytes: Module, place: number, bit: number): Module {
  const flipped = bytes.slice()
  if (place < flipped.length) flipped[place] = (flipped[place] as number) ^ (1 << bit)
  return flipped
}

function applyEdit(bytes: Module, { kind, at, bytes: content }: Edit): Module {
  const place = Math.floor(at * bytes.length)
  const before = bytes.subarray(0, place)
  const after = bytes.subarray(place)
  switch (kind) {
    case 'replace':
      return joined(before, content, after.subarray(content.length))
    case 'flip':
      return withFlippedBit(bytes, place, (content[0] ?? 0) % 8)
    case 'insert':
      return joined(before, content, after)
    case 'delete':
      return joined(before, after.subarray(content.length))
    case 'repeat':
      return joined(before, after.subarray(0, content.length), after)
    case 'truncate':
      return joined(before)
  }
}

const FRACTION = fc.integer({ min: 0, max: 2 ** 20 - 1 }).map((value) => value / 2 ** 20)
/** Bytes with a meaning in the format, and any others. */
const BYTE = fc.oneof(fc.constantFrom(0x00, 0x01, 0x0b, 0x40, 0x60, 0x63, 0x70, 0x7f, 0x80, 0xff), fc.integer({ min: 0, max: 255 }))
const BYTES = fc.array(BYTE, { minLength: 1, maxLength: 8 }).map((bytes) => Uint8Array.from(bytes))
const EDIT: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom<Edit['kind'][]>('replace', 'flip', 'insert', 'delete', 'repeat', 'truncate'),
  at: FRACTION,
  bytes: BYTES,
})

/** Compares the decoder with the engine on damaged modules: on all of them at step 1, on every tenth at step 10. */
export function testDecoder(step: number): void {
  const every = step === 1 ? 'every' : `every ${step}th`
  let real: ReadonlyMap<string, Module>
  let names: readonly string[]

  beforeAll(async () => {
    real = new Map([...(await realModules()), ['WebAssembly 3', WEBASSEMBLY_3]])
    names = [...real.keys()]
  })

  describe('decodeModule, on real modules', () => {
    it('reads the imports and exports that the engine reads', () => {
      expect(names.length).toBeGreaterThan(10)
      const known = names.filter((name) => name !== 'WebAssembly 3')
      for (const name of known) expect(agreesWithEngine(real.get(name) as Module), name).toBe(true)
    })

    it(`terminates on a module that is cut off at ${every} offset`, () => {
      for (const bytes of real.values()) {
        for (let length = 0; length < bytes.length; length += step) agreesWithEngine(bytes.subarray(0, length))
      }
    })

    it(`terminates on a module with ${every} bit flipped, and accepts each that the engine accepts`, () => {
      function* flipped(bytes: Module): Iterable<Module> {
        for (let bit = 0; bit < bytes.length * 8; bit += step) {
          yield withFlippedBit(bytes, bit >> 3, bit & 7)
        }
      }
      expect(countValid(flipped(real.get('everything') as Module))).toBeGreaterThan(500 / step)
      countValid(flipped(WEBASSEMBLY_3))
    })

    it(`terminates on a module with ${every} byte removed or doubled`, () => {
      for (const bytes of real.values()) {
        for (let place = 0; place < bytes.length; place += step) {
          agreesWithEngine(joined(bytes.subarray(0, place), bytes.subarray(place + 1)))
          agreesWithEngine(joined(bytes.subarray(0, place + 1), bytes.subarray(place)))
        }
      }
    })

    it('terminates on a module with random edits, and accepts each that the engine accepts', () => {
      let valid = 0
      fc.assert(
        fc.property(FRACTION, fc.array(EDIT, { minLength: 1, maxLength: 4 }), (which, edits) => {
          const bytes = real.get(names[Math.floor(which * names.length)] as string) as Module
          if (agreesWithEngine(edits.reduce(applyEdit, bytes))) valid++
        }),
        { seed: 1, numRuns: Math.ceil(8000 / step) },
      )
      expect(valid).toBeGreaterThan(100 / step)
    })
  })

  describe('decodeModule, on bytes that are not a module', () => {
    it('terminates on random bytes', () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
          decodeOrRefuse(Uint8Array.from(bytes))
        }),
        { seed: 2, numRuns: Math.ceil(2000 / step) },
      )
    })

    it('terminates on random bytes after a valid preamble', () => {
      fc.assert(
        fc.property(fc.array(BYTE, { maxLength: 64 }), (bytes) => {
          agreesWithEngine(binary(bytes))
        }),
        { seed: 3, numRuns: Math.ceil(4000 / step) },
      )
    })

    it('terminates on valid sections with random content, and accepts each module that the engine accepts', () => {
      const ids = fc.shuffledSubarray([1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11, 0])
      const order = [0, 1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11]
      const content = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.array(BYTE, { maxLength: 12 }))
      let valid = 0
      fc.assert(
        fc.property(ids, fc.array(content, { minLength: 14, maxLength: 14 }), (chosen, contents) => {
          const inOrder = chosen.toSorted((one, other) => order.indexOf(one) - order.indexOf(other))
          const sections = inOrder.map((id, index) => {
            const [count, rest] = contents[index] as [number, number[]]
            return section(id, count === 0 ? [0] : [count, ...rest])
          })
          if (agreesWithEngine(binary(...sections))) valid++
        }),
        { seed: 4, numRuns: Math.ceil(6000 / step) },
      )
      expect(valid).toBeGreaterThan(50 / step)
    })
  })
}
