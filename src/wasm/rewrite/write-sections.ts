import { SECTION_ORDER } from '../decode/decode.ts'
import type { DecodedModule, Section } from '../format/module.ts'
import * as SECTION from '../format/section.ts'
import type { Writer } from '../format/writer.ts'

/**
 * Writes a module with these sections, by their ids, in the place of its own or added in order. The other sections are copied, but those that
 * are left out. Returns where the content of the section of code begins.
 */
export function writeSections(
  out: Writer,
  { bytes, sections }: DecodedModule,
  payloads: ReadonlyMap<number, Uint8Array>,
  isLeftOut: (section: Section) => boolean,
): number {
  const waiting = [...payloads.keys()].sort((one, other) => SECTION_ORDER.indexOf(one) - SECTION_ORDER.indexOf(other))
  let codeStart = 0
  const put = (id: number): void => {
    const payload = payloads.get(id) as Uint8Array
    out.byte(id).u32(payload.length)
    if (id === SECTION.code) codeStart = out.length
    out.bytes(payload)
  }
  out.range(bytes, 0, HEADER_BYTES)
  for (const section of sections) {
    const { id, header, payload } = section
    if (id !== SECTION.custom) {
      const place = SECTION_ORDER.indexOf(id)
      while (waiting.length > 0 && SECTION_ORDER.indexOf(waiting[0] as number) < place) put(waiting.shift() as number)
      if (waiting[0] === id) {
        put(waiting.shift() as number)
        continue
      }
    }
    if (!isLeftOut(section)) out.range(bytes, header.start, payload.end)
  }
  for (const id of waiting) put(id)
  return codeStart
}

/** The bytes of the magic number and the version. */
const HEADER_BYTES = 8
