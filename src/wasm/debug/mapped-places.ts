import { decode, type SourceMapSegment } from '@jridgewell/sourcemap-codec'
import type { ByteRange } from '../format/module.ts'
import type { DebugSections } from './debug-reader.ts'
import { joinPath } from './source-path.ts'

/** A source map of a module, in which a column is an offset in the module. https://tc39.es/ecma426/ */
export interface SourceMap {
  readonly segments: readonly SourceMapSegment[]
  readonly sources: readonly string[]
  /** The texts of the sources, each a string if the map has it. */
  readonly texts: readonly unknown[]
}

/** A place in a source, and its text if the map has it. */
export interface MappedPlace {
  readonly path: string
  readonly line: number
  readonly column: number
  readonly text: string | undefined
}

/** Segments before and after one of a library, among which its caller is looked for. */
const MAX_NEAR = 500
/** AssemblyScript writes the name of the module as the root of its sources, which is no folder. */
const NO_FOLDER = /^\.\/[^/]*\/?$/

/**
 * Reads the source map that a module names: one inside of it, as a `data:` URL, or a file that `readFile` returns. Returns `undefined` if there is none.
 * Throws if it is malformed.
 */
export function readSourceMap(sections: DebugSections, readFile: (path: string) => string | undefined): SourceMap | undefined {
  if (!sections.has('sourceMappingURL')) return undefined
  const reader = sections.reader('sourceMappingURL')
  const url = reader.name('the URL of the source map')
  const text = url.startsWith('data:') ? dataOf(url) : readFile(decodeURIComponent(url.replace(/[?#].*$/, '')))
  if (text === undefined) return undefined
  const { mappings, sources, sourceRoot, sourcesContent }: Readonly<Record<string, unknown>> = JSON.parse(text)
  const root = textOf(sourceRoot)
  // All of a module is one line.
  const [line = ''] = textOf(mappings).split(';', 1)
  return {
    segments: decode(line)[0] ?? [],
    sources: listOf(sources).map((each) => joinPath(NO_FOLDER.test(root) ? '' : root, pathOf(textOf(each)))),
    texts: listOf(sourcesContent),
  }
}

/** Returns the path of a `file:` URL; other names of sources as they are. */
function pathOf(source: string): string {
  return source.startsWith('file:') ? decodeURIComponent(new URL(source).pathname).replace(/^\/(?=[a-z]:)/i, '') : source
}

/** Returns a value of a map if it is a text; else an empty one. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/**
 * Returns the place of an offset in a function: that of the last segment with a place at or before it; none if the function has none there. If a library
 * was inlined there, a second place follows where its function was called, as far as that is certain.
 */
export function placesInMap(map: SourceMap, offset: number, body: ByteRange, isLibrary: (path: string) => boolean): readonly MappedPlace[] {
  const { segments } = map
  let low = 0
  let high = segments.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((segments[middle]?.[0] as number) <= offset) low = middle + 1
    else high = middle
  }
  // Compilers leave out the places of some instructions: those before them are near.
  while (low > 0 && segments[low - 1]?.length === 1) low--
  const place = placeOf(map, low - 1, body)
  if (place === undefined) return []
  const caller = isLibrary(place.path) ? callerAround(map, low - 1, body, isLibrary) : undefined
  return caller === undefined ? [place] : [place, caller]
}

/** Returns the place of a segment, if it is in a function and has one. */
function placeOf({ segments, sources, texts }: SourceMap, index: number, { start, end }: ByteRange): MappedPlace | undefined {
  const [offset, source, line, column] = segments[index] ?? []
  if (offset === undefined || offset < start || offset >= end) return undefined
  if (source === undefined || line === undefined || column === undefined) return undefined
  const path = sources[source]
  if (path === undefined || path === '') return undefined
  const text = texts[source]
  return { path, line: line + 1, column: column + 1, text: typeof text === 'string' ? text : undefined }
}

/**
 * Returns the place before a segment that is of no library, if the one after it is on the same line. A source map does not say what was inlined, but what
 * was inlined is amid the instructions of its call.
 */
function callerAround(map: SourceMap, index: number, body: ByteRange, isLibrary: (path: string) => boolean): MappedPlace | undefined {
  const nearest = (step: 1 | -1): MappedPlace | undefined => {
    for (let count = 1; count <= MAX_NEAR; count++) {
      const place = placeOf(map, index + step * count, body)
      if (place !== undefined && !isLibrary(place.path)) return place
    }
    return undefined
  }
  const [before, after] = [nearest(-1), nearest(1)]
  return before?.path === after?.path && before?.line === after?.line ? before : undefined
}

function dataOf(url: string): string {
  const comma = url.indexOf(',')
  const data = url.slice(comma + 1)
  if (!/;base64$/i.test(url.slice(0, comma))) return decodeURIComponent(data)
  return new TextDecoder().decode(Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0)))
}
