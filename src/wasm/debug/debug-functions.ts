import type { ByteRange } from '../format/module.ts'
import { ATTRIBUTE, DebugEntries, type DebugEntry, type UnitHeader } from './debug-entries.ts'
import type { DebugSections } from './debug-reader.ts'
import { demangle } from './demangle.ts'
import * as FORM from './form.ts'
import type { FormValue } from './forms.ts'

/** A call that a compiler replaced by the code of the function. */
export interface InlinedCall {
  /** The name of the function. */
  readonly function: string | undefined
  /** The place of the call. */
  readonly file: number
  readonly line: number
  readonly column: number
}

interface Unit {
  readonly header: UnitHeader
  /** The offset of its lines in `.debug_line`. */
  readonly lines: number | undefined
  readonly folder: string | undefined
  /** The address to which ranges are relative. */
  readonly low: number
  /** Where the tables of the unit begin that version 5 has. */
  readonly textOffsets: number
  readonly addresses: number
  readonly rangeLists: number
  functions: readonly FunctionRange[] | undefined
}

interface FunctionRange extends ByteRange {
  /** The offset of its entry. */
  readonly offset: number
}

const SUBPROGRAM = 0x2e
const INLINED_CALL = 0x1d
/** The kinds of entry of a list of ranges, from version 5 on: the beginning and the end, or what both are relative to. */
const RANGE = { end: 0, baseIndex: 1, indices: 2, indexLength: 3, offsets: 4, base: 5, addresses: 6, addressLength: 7 } as const
/** References from an entry to the one that has its name. */
const MAX_REFERENCES = 8

/** Finds functions in `.debug_info`, and what was inlined into them. Addresses are offsets in the content of the code section. */
export class DebugFunctions {
  readonly #sections: DebugSections
  readonly #entries: DebugEntries
  #units: readonly Unit[] | undefined

  constructor(sections: DebugSections) {
    this.#sections = sections
    this.#entries = new DebugEntries(sections)
  }

  /** Returns the folder in which the compiler ran that wrote a unit of lines. */
  folderOf(lines: number): string | undefined {
    return this.#unitOf(lines)?.folder
  }

  /** Returns the calls that were inlined at an address, the innermost first. `lines` is its unit in `.debug_line`. */
  inlinedAt(lines: number, address: number): readonly InlinedCall[] {
    const unit = this.#unitOf(lines)
    if (unit === undefined) return []
    unit.functions ??= this.#readFunctions(unit)
    const found = unit.functions.find(({ start, end }) => start <= address && address < end)
    if (found === undefined) return []
    const reader = this.#entries.reader(unit.header, found.offset)
    const calls: InlinedCall[] = []
    let depth = 0
    do {
      const entry = this.#entries.read(reader, unit.header)
      if (entry === undefined) {
        depth--
        continue
      }
      if (entry.hasChildren) depth++
      if (entry.tag !== INLINED_CALL || !this.#rangesOf(entry, unit).some(({ start, end }) => start <= address && address < end)) continue
      const number = (attribute: number): number => entry.values.get(attribute)?.value ?? 0
      calls.unshift({
        function: this.#nameOf(entry, unit),
        file: number(ATTRIBUTE.callFile),
        line: number(ATTRIBUTE.callLine),
        column: number(ATTRIBUTE.callColumn),
      })
    } while (depth > 0 && !reader.done)
    return calls
  }

  #unitOf(lines: number): Unit | undefined {
    this.#units ??= this.#sections.has('.debug_info') ? this.#entries.headers().map((header) => this.#readUnit(header)) : []
    return this.#units.find((unit) => unit.lines === lines)
  }

  #readUnit(header: UnitHeader): Unit {
    const values = this.#entries.read(this.#entries.reader(header), header)?.values ?? new Map<number, FormValue>()
    const number = (attribute: number): number => values.get(attribute)?.value ?? 0
    const [textOffsets, addresses] = [number(ATTRIBUTE.textOffsets), number(ATTRIBUTE.addresses)]
    const low = values.get(ATTRIBUTE.low)
    return {
      ...{ header, textOffsets, addresses },
      lines: values.get(ATTRIBUTE.lines)?.value,
      folder: this.#entries.text(values.get(ATTRIBUTE.folder), header, textOffsets),
      low: low === undefined ? 0 : this.#address(low, header, addresses),
      rangeLists: number(ATTRIBUTE.rangeLists),
      functions: undefined,
    }
  }

  /** Returns the ranges of all functions of a unit that have code. */
  #readFunctions(unit: Unit): readonly FunctionRange[] {
    const functions: FunctionRange[] = []
    const reader = this.#entries.reader(unit.header)
    while (!reader.done) {
      const offset = this.#entries.offsetOf(reader)
      const entry = this.#entries.read(reader, unit.header)
      if (entry?.tag !== SUBPROGRAM) continue
      for (const range of this.#rangesOf(entry, unit)) if (range.start > 0) functions.push({ ...range, offset })
    }
    return functions
  }

  #address({ form, value }: FormValue, { addressSize }: UnitHeader, addresses: number): number {
    if (form !== FORM.addrx) return value
    return this.#sections.reader('.debug_addr', addresses + value * addressSize).fixed(addressSize)
  }

  #rangesOf({ values }: DebugEntry, unit: Unit): readonly ByteRange[] {
    const { header, addresses } = unit
    const low = values.get(ATTRIBUTE.low)
    const high = values.get(ATTRIBUTE.high)
    if (low !== undefined && high !== undefined) {
      const start = this.#address(low, header, addresses)
      const isAddress = high.form === FORM.addr || high.form === FORM.addrx
      return [{ start, end: isAddress ? this.#address(high, header, addresses) : start + high.value }]
    }
    const ranges = values.get(ATTRIBUTE.ranges)
    if (ranges === undefined) return []
    return header.version < 5 ? this.#oldRanges(ranges.value, unit) : this.#newRanges(ranges, unit)
  }

  #oldRanges(offset: number, { header: { addressSize }, low }: Unit): readonly ByteRange[] {
    const ranges: ByteRange[] = []
    const reader = this.#sections.reader('.debug_ranges', offset)
    let base = low
    for (;;) {
      const start = reader.fixed(addressSize)
      const end = reader.fixed(addressSize)
      if (start === 0 && end === 0) return ranges
      if (start === 2 ** (8 * addressSize) - 1) base = end
      else ranges.push({ start: base + start, end: base + end })
    }
  }

  #newRanges({ form, value }: FormValue, { header, low, addresses, rangeLists }: Unit): readonly ByteRange[] {
    const { offsetSize, addressSize } = header
    const lists = '.debug_rnglists'
    const offset =
      form === FORM.rnglistx ? rangeLists + this.#sections.reader(lists, rangeLists + value * offsetSize).fixed(offsetSize) : value
    const reader = this.#sections.reader(lists, offset)
    const indexed = (): number => this.#address({ form: FORM.addrx, value: reader.unsigned() }, header, addresses)
    const ranges: ByteRange[] = []
    let base = low
    const put = (start: number, end: number): void => void ranges.push({ start, end })
    for (;;) {
      const kind = reader.fixed(1)
      switch (kind) {
        case RANGE.end:
          return ranges
        case RANGE.baseIndex:
          base = indexed()
          break
        case RANGE.base:
          base = reader.fixed(addressSize)
          break
        case RANGE.offsets:
          put(base + reader.unsigned(), base + reader.unsigned())
          break
        case RANGE.indices:
          put(indexed(), indexed())
          break
        case RANGE.addresses:
          put(reader.fixed(addressSize), reader.fixed(addressSize))
          break
        case RANGE.indexLength:
        case RANGE.addressLength: {
          const start = kind === RANGE.indexLength ? indexed() : reader.fixed(addressSize)
          put(start, start + reader.unsigned())
          break
        }
        default:
          reader.fail(`an unknown kind of range ${kind}`)
      }
    }
  }

  /** Returns the name of the function of an entry, which another entry may have. */
  #nameOf(entry: DebugEntry, unit: Unit): string | undefined {
    let name: string | undefined
    let current = entry
    let own = unit
    for (let left = MAX_REFERENCES; left > 0; left--) {
      const text = (attribute: number): string | undefined => this.#entries.text(current.values.get(attribute), own.header, own.textOffsets)
      const linked = text(ATTRIBUTE.linkageName) ?? text(ATTRIBUTE.oldLinkageName)
      const readable = linked && demangle(linked)
      if (readable !== undefined) return readable
      name ??= text(ATTRIBUTE.name)
      const reference = current.values.get(ATTRIBUTE.origin) ?? current.values.get(ATTRIBUTE.specification)
      if (reference === undefined) return name
      const offset = reference.form === FORM.refAddr ? reference.value : own.header.offset + reference.value
      const home = this.#units?.find(({ header }) => header.entries <= offset && offset < header.end)
      const referred = home && this.#entries.read(this.#entries.reader(home.header, offset), home.header)
      if (home === undefined || referred === undefined) return name
      current = referred
      own = home
    }
    return name
  }
}
