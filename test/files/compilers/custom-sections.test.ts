import { expect, it } from 'vitest'
import { withinDebugLimit, withoutDebugInformation, withSection } from '../../../src/files/compilers/custom-sections.ts'

const EMPTY = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)

const sections = (bytes: Uint8Array, name: string): number =>
  WebAssembly.Module.customSections(new WebAssembly.Module(new Uint8Array(bytes)), name).length

it('debug information is what is left out of a module, and not the names of its functions', () => {
  const module = ['.debug_line', 'name', 'sourceMappingURL', '.debug_info'].reduce(
    (bytes, name) => withSection(bytes, name, Uint8Array.of(0)),
    EMPTY,
  )
  expect(['.debug_line', '.debug_info', 'sourceMappingURL', 'name'].map((name) => sections(module, name))).toEqual([1, 1, 1, 1])
  const without = withoutDebugInformation(module)
  expect(['.debug_line', '.debug_info', 'sourceMappingURL', 'name'].map((name) => sections(without, name))).toEqual([0, 0, 0, 1])
})

it.each([
  ['what places are found by', 400, ['.debug_line', '.debug_info', 'name']],
  ['lines', 150, ['.debug_line', 'name']],
  ['none', 50, ['name']],
])('of debug information, %s is kept within a limit', (_, limit, kept) => {
  const names = ['.debug_line', '.debug_loc', '.debug_info', 'name']
  const module = names.reduce((bytes, name) => withSection(bytes, name, new Uint8Array(100)), EMPTY)
  expect(names.filter((name) => sections(withinDebugLimit(module, limit), name) === 1)).toEqual(kept)
})
