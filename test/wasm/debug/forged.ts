import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { DebugPlaces } from '../../../src/wasm/debug/debug-places.ts'
import { decodeModule } from '../../../src/wasm/decode/decode.ts'
import { importedFunctions } from '../../../src/wasm/format/module.ts'

const MODULES = ['traps-c.wasm', 'traps-dwarf5.wasm', 'traps-rust.wasm', 'traps-as.wasm'].map((name) => {
  const bytes = Uint8Array.from(readFileSync(new URL(`../../fixtures/wasm/compiled/${name}`, import.meta.url)))
  const sections = decodeModule(bytes).sections.filter(({ name }) => name?.startsWith('.debug_') || name === 'sourceMappingURL')
  return { bytes, sections }
})
const MAP = readFileSync(new URL('../../fixtures/wasm/compiled/traps-as.wasm.map', import.meta.url))

/** Changes bytes of debug information at random, and asks for the place of every function. Throws if that throws. */
export function checkForged(numRuns: number): void {
  const change = fc.record({ section: fc.nat(), at: fc.nat(), byte: fc.constantFrom(0, 1, 2, 4, 5, 0x7f, 0x80, 0xfe, 0xff) })
  fc.assert(
    fc.property(fc.nat(MODULES.length - 1), fc.array(change, { minLength: 1, maxLength: 8 }), (which, changes) => {
      const { bytes, sections } = MODULES[which] as (typeof MODULES)[0]
      const forged = bytes.slice()
      const map = Uint8Array.from(MAP)
      for (const { section, at, byte } of changes) {
        const { name = '', payload } = sections[section % sections.length] as (typeof sections)[0]
        // The name of the section stays.
        const from = payload.start + 1 + name.length
        forged[from + (at % (payload.end - from))] = byte
        map[at % 300] = byte
      }
      const module = decodeModule(forged)
      const places = new DebugPlaces({ file: 'forged.wasm', readBeside: () => new TextDecoder().decode(map) }, module)
      for (const [index, { body }] of module.bodies.entries()) {
        const frames = places.framesAt(importedFunctions(module) + index, body.end - 2, 'name')
        for (const { location } of frames) if (location !== undefined) places.codeFrame(location)
      }
    }),
    { numRuns },
  )
}
