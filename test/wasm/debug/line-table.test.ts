import { describe, expect, it } from 'vitest'
import { DebugSections } from '../../../src/wasm/debug/debug-reader.ts'
import { LineTable } from '../../../src/wasm/debug/line-table.ts'
import { decodeModule } from '../../../src/wasm/decode/decode.ts'
import { binary, customSection } from '../../fixtures/wasm/bytes.ts'
import { type Lines, lineSection } from '../../fixtures/wasm/debug-sections.ts'

function table(...units: readonly Lines[]): LineTable {
  return new LineTable(new DebugSections(decodeModule(binary(lineSection(...units))), { left: 1_000_000 }))
}

const SEQUENCES: Lines['sequences'] = [
  {
    rows: [
      { address: 10, line: 5, column: 3 },
      { address: 14, line: 6, column: 9, file: 1 },
      { address: 14, line: 7, column: 1 },
      { address: 20, line: 0 },
      { address: 24, line: 900, column: 200 },
    ],
    end: 30,
  },
  { rows: [{ address: 40, line: 50 }], end: 44 },
]
const FILES = ['main.c', 'lib/vector.h']

describe.each([2, 3, 4, 5] as const)('a line table of version %i', (version) => {
  const lines = table({ version, files: FILES, sequences: SEQUENCES })
  const at = (address: number, first = 0): unknown => {
    const row = lines.rowAt(address, first)
    return row && [lines.pathOf(row.unit, row.file, '/game'), row.line, row.column]
  }

  it('has the row at or before an address', () => {
    expect([at(10), at(13), at(24), at(29), at(43)]).toEqual([
      ['/game/main.c', 5, 3],
      ['/game/main.c', 5, 3],
      ['/game/main.c', 900, 200],
      ['/game/main.c', 900, 200],
      ['/game/main.c', 50, 0],
    ])
  })

  it('has the last of several rows of an address', () => {
    expect(at(14)).toEqual(['/game/main.c', 7, 1])
  })

  it('has the row before code that no line made', () => {
    expect(at(22)).toEqual(['/game/main.c', 7, 1])
  })

  it('ends where a sequence ends', () => {
    expect([at(9), at(30), at(35), at(44)]).toEqual(Array(4).fill(undefined))
  })

  it('has no row before the function of the address', () => {
    expect(at(16, 15)).toBeUndefined()
  })
})

describe('a line table', () => {
  it('does not take the rows of a removed function, which are at address 0, for those of another', () => {
    const removed = { rows: [{ address: 0, line: 77 }], end: 1000 }
    expect(table({ sequences: [removed, ...SEQUENCES] }).rowAt(12, 0)).toMatchObject({ line: 5 })
    expect(table({ sequences: [removed] }).rowAt(12, 0)).toBeUndefined()
  })

  it('has the rows of all units, and skips those of versions that are unknown', () => {
    const [first, second] = SEQUENCES as [Lines['sequences'][0], Lines['sequences'][0]]
    const files = ['sub/other.c']
    const lines = table(
      { sequences: [first] },
      { version: 9 as 5, sequences: [] },
      { version: 5, folder: '/home', files, sequences: [second] },
    )
    expect(lines.rowAt(12, 0)).toMatchObject({ line: 5 })
    const row = lines.rowAt(41, 0)
    expect(row?.line).toBe(50)
    expect(lines.pathOf(row?.unit as number, row?.file as number, undefined)).toBe('/home/sub/other.c')
  })

  it('keeps absolute paths, and joins others', () => {
    const files = ['/usr/lib/a.c', 'C:\\game\\b.c', './../c.c', 'd//e.c']
    const lines = table({ files, sequences: files.map((_, file) => ({ rows: [{ address: 10 + file, line: 1, file }], end: 11 + file })) })
    expect(files.map((_, file) => lines.pathOf(0, lines.rowAt(10 + file, 0)?.file as number, '/home/game'))).toEqual([
      '/usr/lib/a.c',
      'C:\\game\\b.c',
      '/home/c.c',
      '/home/game/d/e.c',
    ])
    expect(lines.pathOf(0, 9, '/home/game')).toBeUndefined()
  })

  it('is refused where it ends too soon, and where it takes too long to read', () => {
    const bytes = lineSection({ sequences: SEQUENCES })
    const cut = binary(customSection('.debug_line', bytes.slice(14, -30)))
    expect(() => new LineTable(new DebugSections(decodeModule(cut), { left: 1000 })).rowAt(12, 0)).toThrow('does not fit')
    const long = new LineTable(new DebugSections(decodeModule(binary(bytes)), { left: 50 }))
    expect(() => long.rowAt(12, 0)).toThrow('takes too long')
  })
})
