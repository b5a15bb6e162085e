import { ScriptError } from '../../errors.ts'
import type { DecodedModule, ModuleImport } from '../format/module.ts'
import { Reader } from '../format/reader.ts'
import * as SECTION from '../format/section.ts'
import { Writer } from '../format/writer.ts'

/** Returns the new names of imports and exports. */
export interface Renaming {
  readonly importOf: (entry: ModuleImport) => { readonly module: string; readonly name: string }
  /** Returns the names under which an export is exported. */
  readonly exportsOf: (name: string) => readonly string[]
}

/** Returns the binary of a module that imports only functions, with other names for its imports and exports. Throws `InvalidBinary`. */
export function renameModule(
  { bytes, sections, imports, exports }: DecodedModule,
  { importOf, exportsOf }: Renaming,
): Uint8Array<ArrayBuffer> {
  const out = new Writer().bytes(bytes.subarray(0, sections[0]?.header.start ?? bytes.length))
  for (const { id, header, payload } of sections) {
    if (id === SECTION.import) out.byte(id).sized(() => importSection(out, new Reader(bytes, payload), imports, importOf))
    else if (id === SECTION.export) out.byte(id).sized(() => exportSection(out, new Reader(bytes, payload), exports, exportsOf))
    else out.bytes(bytes.subarray(header.start, payload.end))
  }
  return out.finish()
}

function importSection(out: Writer, reader: Reader, imports: DecodedModule['imports'], importOf: Renaming['importOf']): void {
  out.u32(reader.count('imports'))
  for (const entry of imports) {
    reader.name('a module')
    reader.name('a name')
    if (reader.byte('a kind') !== 0) throw new ScriptError('InvalidBinary', 'a module that is renamed must import only functions')
    const { module, name } = importOf(entry)
    out.name(module).name(name).byte(0).u32(reader.u32('a type'))
  }
}

function exportSection(out: Writer, reader: Reader, exports: DecodedModule['exports'], exportsOf: Renaming['exportsOf']): void {
  reader.count('exports')
  const renamed = exports.map(({ name }) => exportsOf(name))
  out.u32(renamed.reduce((sum, names) => sum + names.length, 0))
  for (const names of renamed) {
    reader.name('a name')
    const kind = reader.byte('a kind')
    const index = reader.u32('an index')
    for (const name of names) out.name(name).byte(kind).u32(index)
  }
}
