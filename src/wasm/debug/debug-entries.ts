import type { DebugReader, DebugSections } from './debug-reader.ts'
import * as FORM from './form.ts'
import { type FormSizes, type FormValue, formText, readForm } from './forms.ts'

const INFO = '.debug_info'

/** The attributes that are read; others are skipped. */
export const ATTRIBUTE = {
  name: 0x03,
  lines: 0x10,
  low: 0x11,
  high: 0x12,
  folder: 0x1b,
  origin: 0x31,
  specification: 0x47,
  ranges: 0x55,
  callColumn: 0x57,
  callFile: 0x58,
  callLine: 0x59,
  linkageName: 0x6e,
  textOffsets: 0x72,
  addresses: 0x73,
  rangeLists: 0x74,
  oldLinkageName: 0x2007,
} as const
const WANTED: ReadonlySet<number> = new Set(Object.values(ATTRIBUTE))

/** The header of a unit in `.debug_info`. Offsets are in that section. */
export interface UnitHeader extends FormSizes {
  readonly offset: number
  readonly end: number
  /** The offset of its first entry. */
  readonly entries: number
  /** The offset of its abbreviations in `.debug_abbrev`. */
  readonly abbreviations: number
}

/** An entry: a function, an inlined call, or anything else that a compiler describes. */
export interface DebugEntry {
  readonly tag: number
  readonly hasChildren: boolean
  readonly values: ReadonlyMap<number, FormValue>
}

interface Abbreviation {
  readonly tag: number
  readonly hasChildren: boolean
  readonly attributes: readonly (readonly [attribute: number, form: number, constant: number])[]
}

const COMPILE_UNIT = 1
const PARTIAL_UNIT = 3

/** Reads the entries of `.debug_info`. https://dwarfstd.org/doc/DWARF5.pdf, 7.5 */
export class DebugEntries {
  readonly #sections: DebugSections
  readonly #abbreviations = new Map<number, ReadonlyMap<number, Abbreviation>>()

  constructor(sections: DebugSections) {
    this.#sections = sections
  }

  /** Returns the headers of all units of the versions 2 to 5 with code. */
  headers(): readonly UnitHeader[] {
    const headers: UnitHeader[] = []
    const reader = this.#sections.reader(INFO)
    while (!reader.done) {
      const offset = this.offsetOf(reader)
      const { length, offsetSize } = reader.unitLength()
      const begin = this.offsetOf(reader)
      reader.skip(length, 'a unit')
      const header = this.#sections.reader(INFO, begin, length)
      const version = header.fixed(2)
      if (version < 2 || version > 5) continue
      const type = version === 5 ? header.fixed(1) : COMPILE_UNIT
      let addressSize = version === 5 ? header.fixed(1) : 0
      const abbreviations = header.fixed(offsetSize)
      if (version < 5) addressSize = header.fixed(1)
      if (type !== COMPILE_UNIT && type !== PARTIAL_UNIT) continue
      headers.push({ offset, end: begin + length, entries: this.offsetOf(header), abbreviations, version, offsetSize, addressSize })
    }
    return headers
  }

  offsetOf(reader: DebugReader): number {
    return this.#sections.offsetOf(INFO, reader)
  }

  /** Returns a reader of a unit, from the entry at an offset in `.debug_info` on. */
  reader({ entries, end }: UnitHeader, offset: number = entries): DebugReader {
    return this.#sections.reader(INFO, offset, end - offset)
  }

  /** Reads an entry; `undefined` for the end of a list of children. */
  read(reader: DebugReader, header: UnitHeader): DebugEntry | undefined {
    const code = reader.unsigned()
    if (code === 0) return undefined
    const abbreviation = this.#abbreviationsAt(header.abbreviations).get(code)
    if (abbreviation === undefined) return reader.fail(`an entry without the abbreviation ${code}`)
    const values = new Map<number, FormValue>()
    for (const [attribute, form, constant] of abbreviation.attributes) {
      const value = readForm(reader, form, header, constant)
      if (WANTED.has(attribute)) values.set(attribute, value)
    }
    return { tag: abbreviation.tag, hasChildren: abbreviation.hasChildren, values }
  }

  #abbreviationsAt(offset: number): ReadonlyMap<number, Abbreviation> {
    const known = this.#abbreviations.get(offset)
    if (known !== undefined) return known
    const reader = this.#sections.reader('.debug_abbrev', offset)
    const read = new Map<number, Abbreviation>()
    for (let code = reader.unsigned(); code !== 0; code = reader.unsigned()) {
      const tag = reader.unsigned()
      const hasChildren = reader.fixed(1) !== 0
      const attributes: (readonly [number, number, number])[] = []
      for (;;) {
        const attribute = reader.unsigned()
        const form = reader.unsigned()
        const constant = form === FORM.implicitConst ? reader.signed() : 0
        if (attribute === 0 && form === 0) break
        attributes.push([attribute, form, constant])
      }
      read.set(code, { tag, hasChildren, attributes })
      if (reader.done) break
    }
    this.#abbreviations.set(offset, read)
    return read
  }

  /** Returns the text of a value of a unit; `undefined` if it has none. */
  text(value: FormValue | undefined, { offsetSize }: UnitHeader, textOffsets: number): string | undefined {
    if (value?.form !== FORM.strx) return value && formText(this.#sections, value)
    const at = this.#sections.reader('.debug_str_offsets', textOffsets + value.value * offsetSize).fixed(offsetSize)
    return this.#sections.text('.debug_str', at)
  }
}
