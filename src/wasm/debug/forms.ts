import type { DebugReader, DebugSections } from './debug-reader.ts'
import * as FORM from './form.ts'

/** A value and its form. That of a text is where it begins: in the module for `string`, in a section of texts otherwise. That of a block is 0. */
export interface FormValue {
  readonly form: number
  readonly value: number
}

/** What the sizes of values depend on. */
export interface FormSizes {
  readonly offsetSize: 4 | 8
  readonly addressSize: number
  readonly version: number
}

/** Forms of one size, which is in the table. */
const SIZES: Readonly<Record<number, number>> = {
  [FORM.data1]: 1,
  [FORM.data2]: 2,
  [FORM.data4]: 4,
  [FORM.data8]: 8,
  [FORM.flag]: 1,
  [FORM.ref1]: 1,
  [FORM.ref2]: 2,
  [FORM.ref4]: 4,
  [FORM.ref8]: 8,
  [FORM.refSig8]: 8,
  [FORM.refSup4]: 4,
  [FORM.refSup8]: 8,
}
const UNSIGNED: ReadonlySet<number> = new Set([FORM.udata, FORM.refUdata, FORM.strx, FORM.addrx, FORM.loclistx, FORM.rnglistx])
const OFFSETS: ReadonlySet<number> = new Set([FORM.strp, FORM.secOffset, FORM.strpSup, FORM.lineStrp])

/** Reads a value. `constant` is that of an `implicitConst`. Throws `InvalidBinary` for an unknown form. */
export function readForm(reader: DebugReader, form: number, sizes: FormSizes, constant = 0): FormValue {
  const size = SIZES[form]
  if (size !== undefined) return { form, value: reader.fixed(size) }
  if (UNSIGNED.has(form)) return { form, value: reader.unsigned() }
  if (OFFSETS.has(form)) return { form, value: reader.fixed(sizes.offsetSize) }
  // The sizes of these follow each other: strx1 to strx4, addrx1 to addrx4.
  if (form >= FORM.strx1 && form <= FORM.strx4) return { form: FORM.strx, value: reader.fixed(form - FORM.strx1 + 1) }
  if (form >= FORM.addrx1 && form <= FORM.addrx4) return { form: FORM.addrx, value: reader.fixed(form - FORM.addrx1 + 1) }
  switch (form) {
    case FORM.addr:
      return { form, value: reader.fixed(sizes.addressSize) }
    case FORM.refAddr:
      return { form, value: reader.fixed(sizes.version < 3 ? sizes.addressSize : sizes.offsetSize) }
    case FORM.string:
      return { form, value: reader.skipText().start }
    case FORM.sdata:
      return { form, value: reader.signed() }
    case FORM.flagPresent:
      return { form, value: 1 }
    case FORM.implicitConst:
      return { form, value: constant }
    case FORM.block1:
      return skipBlock(reader, form, reader.fixed(1))
    case FORM.block2:
      return skipBlock(reader, form, reader.fixed(2))
    case FORM.block4:
      return skipBlock(reader, form, reader.fixed(4))
    case FORM.block:
    case FORM.exprloc:
      return skipBlock(reader, form, reader.unsigned())
    case FORM.data16:
      return skipBlock(reader, form, 16)
    case FORM.indirect: {
      const actual = reader.unsigned()
      if (actual !== FORM.indirect) return readForm(reader, actual, sizes, constant)
    }
  }
  return reader.fail(`an unknown form 0x${form.toString(16)}`)
}

function skipBlock(reader: DebugReader, form: number, length: number): FormValue {
  reader.skip(length, 'a block')
  return { form, value: 0 }
}

/** Returns the text of a value; `undefined` for another value. */
export function formText(sections: DebugSections, { form, value }: FormValue): string | undefined {
  if (form === FORM.strp) return sections.text('.debug_str', value)
  if (form === FORM.lineStrp) return sections.text('.debug_line_str', value)
  return form === FORM.string ? sections.textAt(value) : undefined
}
