import { expect, it } from 'vitest'
import { withoutDebugInformation, withSection } from '../../../src/files/compilers/custom-sections.ts'

const EMPTY = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)

it('debug information is what is left out of a module, and not the names of its functions', () => {
  const module = ['.debug_line', 'name', 'sourceMappingURL', '.debug_info'].reduce(
    (bytes, name) => withSection(bytes, name, Uint8Array.of(0)),
    EMPTY,
  )
  const sections = (bytes: Uint8Array, name: string): number =>
    WebAssembly.Module.customSections(new WebAssembly.Module(new Uint8Array(bytes)), name).length
  expect(['.debug_line', '.debug_info', 'sourceMappingURL', 'name'].map((name) => sections(module, name))).toEqual([1, 1, 1, 1])
  const without = withoutDebugInformation(module)
  expect(['.debug_line', '.debug_info', 'sourceMappingURL', 'name'].map((name) => sections(without, name))).toEqual([0, 0, 0, 1])
})
