import type { DebugReader, DebugSections } from './debug-reader.ts'
import * as FORM from './form.ts'
import { formText, readForm } from './forms.ts'
import { joinPath } from './source-path.ts'

const LINES = '.debug_line'

/** The standard opcodes that do more than skip their operands. */
const OPCODE = {
  /** Begins an opcode that names its length: see {@link EXTENDED}. */
  extended: 0,
  copy: 1,
  advanceAddress: 2,
  advanceLine: 3,
  setFile: 4,
  setColumn: 5,
  /** Advances the address as the special opcode 255 does. */
  advanceBy255: 8,
  /** Advances the address by a number of two bytes. */
  advanceFixed: 9,
} as const
const EXTENDED = { endSequence: 1, setAddress: 2 } as const
/** What an entry of the lists of version 5 may have. */
const CONTENT = { path: 1, folder: 2 } as const

/** A row of a line table: the source of the instructions from an address on. */
export interface LineRow {
  readonly file: number
  readonly line: number
  /** From 1; 0 if it is unknown. */
  readonly column: number
  /** The offset in `.debug_line` of the unit that it belongs to. */
  readonly unit: number
}

interface LineUnit {
  readonly offset: number
  readonly version: number
  readonly offsetSize: 4 | 8
  readonly end: number
  readonly minLength: number
  readonly lineBase: number
  readonly lineRange: number
  readonly opcodeBase: number
  /** How many operands each standard opcode has. */
  readonly operands: readonly number[]
  /** Offsets in `.debug_line` of the lists of folders and files, and of the program. */
  readonly lists: number
  readonly program: number
}

/** The rows of consecutive instructions, which compilers write for each function. */
interface Sequence {
  readonly unit: LineUnit
  readonly low: number
  readonly high: number
  /** The offset in `.debug_line` of its first opcode. */
  readonly start: number
}

interface FileEntry {
  readonly name: string
  readonly folder: number
}

/** The folders and files that the rows of a unit name. */
interface FileLists {
  readonly folders: readonly string[]
  readonly files: readonly FileEntry[]
}

/** Reads DWARF line tables, of the versions 2 to 5. https://dwarfstd.org/doc/DWARF5.pdf, 6.2 */
export class LineTable {
  readonly #sections: DebugSections
  #sequences: readonly Sequence[] | undefined
  readonly #files = new Map<number, FileLists>()
  readonly #units = new Map<number, LineUnit>()

  constructor(sections: DebugSections) {
    this.#sections = sections
  }

  /** Returns the row of an address: the last one at or before it, with a line and at or after `first`. */
  rowAt(address: number, first: number): LineRow | undefined {
    this.#sequences ??= this.#readSequences()
    let best: Sequence | undefined
    for (const sequence of this.#sequences) {
      const { low, high } = sequence
      // A linker puts the rows of functions that it removed at address 0, where no function is.
      if (low === 0 || low > address || high <= address) continue
      if (best === undefined || low > best.low) best = sequence
    }
    if (best === undefined) return undefined
    const { unit } = best
    let found: LineRow | undefined
    this.#run(unit, best.start, (row, isEnd) => {
      if (isEnd || row.address > address) return false
      if (row.address >= first && row.line > 0) found = { file: row.file, line: row.line, column: row.column, unit: unit.offset }
      return true
    })
    return found
  }

  /** Returns the addresses from `low` to below `high` at which a row begins. */
  startsIn(low: number, high: number): readonly number[] {
    this.#sequences ??= this.#readSequences()
    const starts: number[] = []
    for (const { unit, low: first, high: last, start } of this.#sequences) {
      if (first === 0 || last <= low || first >= high) continue
      this.#run(unit, start, ({ address, line }, isEnd) => {
        if (isEnd || address >= high) return false
        if (address >= low && line > 0) starts.push(address)
        return true
      })
    }
    return starts
  }

  /** Returns the path of a file of a unit; `folder` is that of the compiler. */
  pathOf(unitOffset: number, file: number, folder: string | undefined): string | undefined {
    const unit = this.#units.get(unitOffset) ?? this.#readUnit(this.#sections.reader(LINES, unitOffset))
    if (unit === undefined) return undefined
    const { folders, files } = this.#listsOf(unit)
    const entry = files[unit.version < 5 ? file - 1 : file]
    if (entry === undefined) return undefined
    // Before version 5, folder 0 is that of the compiler, and is not in the list.
    const own = unit.version < 5 ? (entry.folder === 0 ? undefined : folders[entry.folder - 1]) : folders[entry.folder]
    return joinPath(folder, joinPath(own, entry.name))
  }

  #readSequences(): readonly Sequence[] {
    const sequences: Sequence[] = []
    const reader = this.#sections.reader(LINES)
    while (!reader.done) {
      const unit = this.#readUnit(reader)
      if (unit !== undefined) this.#addSequences(unit, sequences)
    }
    return sequences
  }

  #addSequences(unit: LineUnit, sequences: Sequence[]): void {
    let start = unit.program
    let low: number | undefined
    try {
      this.#run(unit, start, ({ address }, isEnd, next) => {
        low ??= address
        if (!isEnd) return true
        sequences.push({ unit, low, high: address, start })
        low = undefined
        start = next
        return true
      })
    } catch (error) {
      // The rows before the mistake count.
      if (sequences.length === 0) throw error
    }
  }

  /** Reads the header of a unit, and moves the reader behind the unit. Returns `undefined` for a version that is unknown. */
  #readUnit(reader: DebugReader): LineUnit | undefined {
    const offset = this.#sections.offsetOf(LINES, reader)
    const { length, offsetSize } = reader.unitLength()
    const begin = this.#sections.offsetOf(LINES, reader)
    reader.skip(length, 'a unit of lines')
    const header = this.#sections.reader(LINES, begin, length)
    const version = header.fixed(2)
    if (version < 2 || version > 5) return undefined
    // The sizes of addresses and of segments.
    if (version === 5) header.fixed(2)
    const program = header.fixed(offsetSize)
    const afterLength = this.#sections.offsetOf(LINES, header)
    const minLength = header.fixed(1)
    if (version >= 4) header.fixed(1)
    header.fixed(1)
    const lineBase = header.signedByte()
    const lineRange = header.fixed(1)
    const opcodeBase = header.fixed(1)
    if (lineRange === 0 || opcodeBase === 0) return undefined
    const operands = Array.from({ length: opcodeBase - 1 }, () => header.fixed(1))
    const unit: LineUnit = {
      ...{ offset, version, offsetSize, minLength, lineBase, lineRange, opcodeBase, operands },
      end: begin + length,
      lists: this.#sections.offsetOf(LINES, header),
      program: afterLength + program,
    }
    this.#units.set(offset, unit)
    return unit
  }

  /** Runs the program of a unit from an offset, until `take` returns false. `next` is the offset behind the row's opcode. */
  #run(
    { program, end, minLength, lineBase, lineRange, opcodeBase, operands }: LineUnit,
    from: number,
    take: (row: { readonly address: number } & Omit<LineRow, 'unit'>, isEnd: boolean, next: number) => boolean,
  ): void {
    if (program > end) return
    const reader = this.#sections.reader(LINES, from, end - from)
    const first = () => ({ address: 0, file: 1, line: 1, column: 0 })
    let row = first()
    const put = (isEnd = false): boolean => take(row, isEnd, this.#sections.offsetOf(LINES, reader))
    while (!reader.done) {
      const opcode = reader.fixed(1)
      if (opcode >= opcodeBase) {
        const step = opcode - opcodeBase
        row.address += Math.floor(step / lineRange) * minLength
        row.line += lineBase + (step % lineRange)
        if (!put()) return
        continue
      }
      switch (opcode) {
        case OPCODE.extended: {
          const length = reader.unsigned()
          const { start, end: after } = reader.skip(length, 'an opcode')
          reader.position = start
          const extended = length === 0 ? undefined : reader.fixed(1)
          if (extended === EXTENDED.setAddress) row.address = reader.fixed(length - 1)
          reader.position = after
          if (extended === EXTENDED.endSequence) {
            if (!put(true)) return
            row = first()
          }
          break
        }
        case OPCODE.copy:
          if (!put()) return
          break
        case OPCODE.advanceAddress:
          row.address += reader.unsigned() * minLength
          break
        case OPCODE.advanceLine:
          row.line += reader.signed()
          break
        case OPCODE.setFile:
          row.file = reader.unsigned()
          break
        case OPCODE.setColumn:
          row.column = reader.unsigned()
          break
        case OPCODE.advanceBy255:
          row.address += Math.floor((255 - opcodeBase) / lineRange) * minLength
          break
        case OPCODE.advanceFixed:
          row.address += reader.fixed(2)
          break
        default:
          for (let left = operands[opcode - 1] ?? 0; left > 0; left--) reader.unsigned()
      }
    }
  }

  #listsOf(unit: LineUnit): FileLists {
    const known = this.#files.get(unit.offset)
    if (known !== undefined) return known
    const reader = this.#sections.reader(LINES, unit.lists, unit.end - unit.lists)
    const read = unit.version === 5 ? this.#newLists(reader, unit) : oldLists(reader)
    this.#files.set(unit.offset, read)
    return read
  }

  #newLists(reader: DebugReader, unit: LineUnit): FileLists {
    const folders = this.#entries(reader, unit).map(({ name }) => name)
    return { folders, files: this.#entries(reader, unit) }
  }

  /** Reads entries whose content the header describes: the lists of version 5. */
  #entries(reader: DebugReader, { offsetSize }: LineUnit): FileEntry[] {
    const contents = Array.from({ length: reader.fixed(1) }, () => [reader.unsigned(), reader.unsigned()] as const)
    const count = reader.unsigned()
    // Each entry takes bytes.
    if (contents.length === 0 || count > reader.end - reader.position) return []
    const entries: FileEntry[] = []
    for (let left = count; left > 0; left--) {
      let name = ''
      let folder = 0
      for (const [content, form] of contents) {
        const value = readForm(reader, form, { offsetSize, addressSize: 4, version: 5 })
        if (content === CONTENT.path) name = formText(this.#sections, value) ?? ''
        else if (content === CONTENT.folder && form !== FORM.string) folder = value.value
      }
      entries.push({ name, folder })
    }
    return entries
  }
}

/** Reads the lists of the versions before 5, which end with an empty name. */
function oldLists(reader: DebugReader): FileLists {
  const folders: string[] = []
  const files: FileEntry[] = []
  for (let name = reader.text(); name !== ''; name = reader.text()) folders.push(name)
  for (let name = reader.text(); name !== ''; name = reader.text()) {
    files.push({ name, folder: reader.unsigned() })
    reader.unsigned()
    reader.unsigned()
  }
  return { folders, files }
}
