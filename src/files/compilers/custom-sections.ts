import { Reader } from '../../wasm/format/reader.ts'
import { Writer } from '../../wasm/format/writer.ts'

const HEADER_BYTES = 8
const CUSTOM = 0
/** The sections of debug information that places are found in, and those that lines alone need. */
const LINES: readonly string[] = ['.debug_line', '.debug_line_str']
const PLACES: readonly string[] = [
  ...LINES,
  ...['.debug_info', '.debug_abbrev', '.debug_str', '.debug_str_offsets', '.debug_addr', '.debug_ranges', '.debug_rnglists'],
]
/** The section that names or holds a source map. */
export const SOURCE_MAP_SECTION = 'sourceMappingURL'

/** Returns a module without the custom sections that a filter names. */
export function withoutSections(module: Uint8Array, isDropped: (name: string) => boolean): Uint8Array<ArrayBuffer> {
  const writer = new Writer(module.length).range(module, 0, HEADER_BYTES)
  const reader = new Reader(module, { start: HEADER_BYTES, end: module.length })
  while (!reader.done) {
    const start = reader.position
    const id = reader.byte('a section')
    const payload = reader.skip(reader.u32('the size of a section'), 'a section')
    if (id !== CUSTOM || !isDropped(new Reader(module, payload).name('the name of a section'))) writer.range(module, start, payload.end)
  }
  return writer.finish()
}

/** Returns the content of a custom section; `undefined` if there is none of that name. */
export function contentOfSection(module: Uint8Array, name: string): Uint8Array | undefined {
  const reader = new Reader(module, { start: HEADER_BYTES, end: module.length })
  while (!reader.done) {
    const id = reader.byte('a section')
    const content = new Reader(module, reader.skip(reader.u32('the size of a section'), 'a section'))
    if (id === CUSTOM && content.name('the name of a section') === name) return module.subarray(content.position, content.end)
  }
  return undefined
}

/** Returns a module with one more custom section, at its end. */
export function withSection(module: Uint8Array, name: string, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const writer = new Writer(module.length + content.length + name.length + 16).bytes(module).byte(CUSTOM)
  return writer.sized(() => writer.name(name).bytes(content)).finish()
}

/** Returns a module without source maps and line tables, which only development needs. The names of functions stay. */
export function withoutDebugInformation(module: Uint8Array): Uint8Array<ArrayBuffer> {
  return withoutSections(module, (name) => name === SOURCE_MAP_SECTION || name.startsWith('.debug_') || name.startsWith('reloc..debug_'))
}

/**
 * Returns a module with the debug information by which a trap finds its place, without what was inlined if that is more than `limit` bytes, and
 * without any if lines alone are more.
 */
export function withinDebugLimit(module: Uint8Array, limit: number): Uint8Array<ArrayBuffer> {
  const without = withoutDebugInformation(module)
  for (const kept of [PLACES, LINES]) {
    const smaller = withoutSections(module, (name) => name.startsWith('.debug_') && !kept.includes(name))
    if (smaller.length - without.length <= limit) return smaller
  }
  return without
}
