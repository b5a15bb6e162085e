import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Reader } from '../../wasm/format/reader.ts'
import { Writer } from '../../wasm/format/writer.ts'
import { contentOfSection, SOURCE_MAP_SECTION, withoutSections, withSection } from './custom-sections.ts'

/** How the names of sources begin that are part of the compiler. */
const LIBRARY = '~lib/'

interface SourceMap {
  readonly sources: readonly string[]
  readonly sourcesContent?: readonly (string | null)[]
}

/** Returns a module with its source map in it, as a `data:` URL. The map names files by their URLs, and leaves out the text of libraries. */
export function withSourceMap(module: Uint8Array, json: string, folder: string): Uint8Array {
  const map = JSON.parse(json) as SourceMap
  const isLibrary = (source: string): boolean => source.startsWith(LIBRARY)
  const placed = {
    ...map,
    sourceRoot: '',
    sources: map.sources.map((source) => (isLibrary(source) ? source : pathToFileURL(resolve(folder, source)).href)),
    sourcesContent: map.sources.map((source, index) => (isLibrary(source) ? null : (map.sourcesContent?.[index] ?? null))),
  }
  return withMapInside(module, JSON.stringify(placed))
}

/** Returns the URL of the source map that a module names; `undefined` if it names none. */
export function sourceMapUrl(module: Uint8Array): string | undefined {
  const content = contentOfSection(module, SOURCE_MAP_SECTION)
  return content && new Reader(content).name('the URL of a source map')
}

/** Returns a module with a source map in it, in the place of the one that it names. */
export function withMapInside(module: Uint8Array, json: string): Uint8Array<ArrayBuffer> {
  const url = `data:application/json;base64,${Buffer.from(json).toString('base64')}`
  const others = withoutSections(module, (name) => name === SOURCE_MAP_SECTION)
  return withSection(others, SOURCE_MAP_SECTION, new Writer(url.length + 8).name(url).finish())
}
