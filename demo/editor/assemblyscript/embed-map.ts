const SECTION = 'sourceMappingURL'
/** Bytes before the first section of a module. */
const HEADER = 8

/** Returns a module with its source map in it, as a `data:` URL, from which the runtime tells where it trapped. */
export function embedMap(module: Uint8Array<ArrayBuffer>, json: string): Uint8Array<ArrayBuffer> {
  const { mappings, sources, sourceRoot } = JSON.parse(json) as Readonly<Record<string, unknown>>
  const url = `data:application/json;base64,${btoa(JSON.stringify({ version: 3, mappings, sources, sourceRoot }))}`
  const content = [...nameOf(SECTION), ...nameOf(url)]
  const parts = [module.subarray(0, HEADER), ...sectionsWithoutMap(module), Uint8Array.from([0, ...leb(content.length), ...content])]
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

function sectionsWithoutMap(module: Uint8Array): Uint8Array[] {
  const sections: Uint8Array[] = []
  const own = Uint8Array.from(nameOf(SECTION))
  for (let at = HEADER; at < module.length; ) {
    let [size, start, shift] = [0, at + 1, 0]
    for (let byte = 0x80; byte >= 0x80; shift += 7) {
      byte = module[start++] as number
      size |= (byte & 0x7f) << shift
    }
    const isMap = module[at] === 0 && own.every((byte, index) => module[start + index] === byte)
    if (!isMap) sections.push(module.subarray(at, start + size))
    at = start + size
  }
  return sections
}

function nameOf(text: string): number[] {
  const bytes = new TextEncoder().encode(text)
  return [...leb(bytes.length), ...bytes]
}

function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)]
}
