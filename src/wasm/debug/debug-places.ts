import type { ScriptFrame, SourceLocation } from '../../errors.ts'
import { abbreviate } from '../../printable.ts'
import { type ByteRange, type DecodedModule, importedFunctions } from '../format/module.ts'
import * as SECTION from '../format/section.ts'
import { codeFrame } from '../text/code-frame.ts'
import type { SourceModule } from '../text/source-module.ts'
import type { SourcePlaces } from '../text/source-places.ts'
import { summarizeTrace } from '../text/trace-summary.ts'
import { DebugFunctions } from './debug-functions.ts'
import { DebugSections, type Work } from './debug-reader.ts'
import { demangle } from './demangle.ts'
import { type LineRow, LineTable } from './line-table.ts'
import { placesInMap, readSourceMap, type SourceMap } from './mapped-places.ts'
import { isAbsolute, joinPath } from './source-path.ts'

/** Files that no author of a script writes: the libraries of AssemblyScript and of Rust. */
const LIBRARY = /^~lib\/|[\\/](rustc(-[\d.]+|[\\/][\da-f]+)[\\/](library|vendor)|rustlib|\.cargo[\\/]registry)[\\/]/
/**
 * Steps that may be spent on the debug information of one module, in all. They take 0.2 seconds. That of a Rust program of 5 MB takes a tenth of them.
 */
const MAX_WORK = 20_000_000
/** Source files that are kept for one module. */
const MAX_TEXTS = 50

/**
 * Finds the instructions of a module in its sources, by its source map or by its DWARF line table. Reads these when it is first asked. What is malformed
 * counts as missing.
 */
export class DebugPlaces implements SourcePlaces {
  readonly #source: Pick<SourceModule, 'file' | 'readBeside'>
  readonly #module: DecodedModule
  readonly #sections: DebugSections
  readonly #lines: LineTable
  readonly #functions: DebugFunctions
  readonly #codeStart: number
  /** By how much the code of the module that runs was moved. */
  readonly #shift: number
  /** The names of sources in errors, by their paths. */
  readonly #files = new Map<string, string>()
  readonly #texts = new Map<string, string | undefined>()
  readonly #codeFrames = new Map<string, string | undefined>()
  #map: SourceMap | undefined | 'unread' = 'unread'

  /** `renamed` is the module with other names for its imports, whose offsets are asked for. */
  constructor(source: Pick<SourceModule, 'file' | 'readBeside'>, renamed: DecodedModule, module: DecodedModule = renamed) {
    const work: Work = { left: MAX_WORK }
    this.#source = source
    this.#module = module
    this.#sections = new DebugSections(module, work)
    this.#lines = new LineTable(this.#sections)
    this.#functions = new DebugFunctions(this.#sections)
    this.#codeStart = codeStartOf(module)
    this.#shift = this.#codeStart - codeStartOf(renamed)
  }

  framesAt(functionIndex: number, offset: number | undefined, mangled: string): readonly ScriptFrame[] {
    const name = abbreviate(demangle(mangled) ?? mangled)
    const body = this.#module.bodies[functionIndex - importedFunctions(this.#module)]?.body
    const frames = (body && offset !== undefined && this.#located(offset + this.#shift, body, name)) || []
    return frames.length === 0 ? [{ function: name }] : frames
  }

  /** Returns the offsets in a function at which another place of its source may begin. */
  startsIn(functionIndex: number): readonly number[] {
    const body = this.#module.bodies[functionIndex - importedFunctions(this.#module)]?.body
    if (body === undefined) return []
    const starts = attempt(() => this.#mappedStarts(body)) ?? attempt(() => this.#lineStarts(body)) ?? []
    return starts.map((offset) => offset - this.#shift).sort((one, other) => one - other)
  }

  codeFrame(location: SourceLocation): string | undefined {
    const key = `${location.file}:${location.line}:${location.column}`
    if (!this.#codeFrames.has(key)) {
      const text = this.#read(location.file)
      this.#codeFrames.set(key, text === undefined ? undefined : codeFrame(text, location))
    }
    return this.#codeFrames.get(key)
  }

  isOwn(file: string): boolean {
    return !LIBRARY.test(file)
  }

  readonly summarize: SourcePlaces['summarize'] = summarizeTrace

  #located(offset: number, body: ByteRange, name: string): readonly ScriptFrame[] | undefined {
    const mapped = attempt(() => this.#mappedPlaces(offset, body)) ?? []
    if (mapped.length > 0) return mapped.map((location) => ({ function: name, location }))
    return attempt(() => this.#dwarfFrames(offset - this.#codeStart, body.start - this.#codeStart, name))
  }

  #readMap(): SourceMap | undefined {
    if (this.#map === 'unread') this.#map = attempt(() => readSourceMap(this.#sections, (path) => this.#source.readBeside?.(path)))
    return this.#map
  }

  #mappedStarts({ start, end }: ByteRange): readonly number[] | undefined {
    return this.#readMap()?.segments.flatMap(([offset]) => (offset >= start && offset < end ? [offset] : []))
  }

  #lineStarts({ start, end }: ByteRange): readonly number[] | undefined {
    if (!this.#sections.has('.debug_line')) return undefined
    return this.#lines.startsIn(start - this.#codeStart, end - this.#codeStart).map((address) => address + this.#codeStart)
  }

  #mappedPlaces(offset: number, body: ByteRange): readonly SourceLocation[] {
    const map = this.#readMap()
    const places = map === undefined ? [] : placesInMap(map, offset, body, (path) => LIBRARY.test(path))
    return places.map(({ path, line, column, text }) => {
      const file = this.#fileOf(path)
      if (text !== undefined) this.#texts.set(file, text)
      return { file, line, column }
    })
  }

  #dwarfFrames(address: number, first: number, name: string): readonly ScriptFrame[] | undefined {
    const row = this.#sections.has('.debug_line') ? this.#lines.rowAt(address, first) : undefined
    if (row === undefined) return undefined
    const { unit } = row
    const folder = attempt(() => this.#functions.folderOf(unit))
    const placeOf = ({ file, line, column }: Omit<LineRow, 'unit'>): SourceLocation | undefined => {
      const path = attempt(() => this.#lines.pathOf(unit, file, folder))
      return path === undefined || line === 0 ? undefined : { file: this.#fileOf(path), line, column: Math.max(1, column) }
    }
    const calls = attempt(() => this.#functions.inlinedAt(unit, address)) ?? []
    // The row has the place in the innermost function; each call has the place of it in the next one.
    return [row, ...calls].map((each, index): ScriptFrame => {
      const location = placeOf(each)
      const inlined = calls[index]?.function
      return { function: inlined === undefined ? name : abbreviate(inlined), ...(location !== undefined && { location }) }
    })
  }

  /** Returns the name of a source in errors: its path beside the module, if it is a file there. */
  #fileOf(path: string): string {
    const known = this.#files.get(path)
    if (known !== undefined || isAbsolute(path)) return known ?? path
    const text = this.#read(path)
    const file = text === undefined ? path : joinPath(this.#source.file.replace(/[^\\/]*$/, ''), path)
    this.#files.set(path, file)
    this.#texts.set(file, text)
    return file
  }

  #read(path: string): string | undefined {
    if (!this.#texts.has(path) && this.#texts.size < MAX_TEXTS) this.#texts.set(path, this.#source.readBeside?.(path))
    return this.#texts.get(path)
  }
}

/** Returns the offset in a module of the content of its code section, to which addresses of DWARF are relative. */
function codeStartOf({ sections }: Pick<DecodedModule, 'sections'>): number {
  return sections.find(({ id }) => id === SECTION.code)?.payload.start ?? 0
}

/** Returns what `read` returns; `undefined` if it throws, as it does where debug information is malformed. */
function attempt<Result>(read: () => Result): Result | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
