import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { DebugPlaces } from '../../../src/wasm/debug/debug-places.ts'
import { decodeModule } from '../../../src/wasm/decode/decode.ts'
import { importedFunctions } from '../../../src/wasm/format/module.ts'
import { checkForged } from './forged.ts'

const compiled = (name: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(readFileSync(new URL(`../../fixtures/wasm/compiled/${name}`, import.meta.url)))

describe('the places of a module', () => {
  it.each(['traps-c.wasm', 'traps-dwarf5.wasm', 'traps-rust.wasm'])('(%s) are known for every function that its author wrote', (name) => {
    const module = decodeModule(compiled(name))
    const places = new DebugPlaces({ file: name }, module)
    const lines = module.bodies.map(({ body }, index) => {
      const middle = (body.start + body.end) >> 1
      return places.framesAt(importedFunctions(module) + index, middle, 'name').every(({ location }) => (location?.line ?? 0) > 0)
    })
    expect(new Set(lines)).toEqual(new Set([true]))
  })

  it('lie outside of imported functions', () => {
    const module = decodeModule(compiled('traps-c.wasm'))
    expect(new DebugPlaces({ file: 'a.wasm' }, module).framesAt(0, 300, 'position_x')).toEqual([{ function: 'position_x' }])
  })

  it('are a name alone, or any place, where debug information was forged: never an error, never endless', () => {
    checkForged(40)
  })
})
