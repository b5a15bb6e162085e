import * as v from 'valibot'
import { ScriptError, withContext } from '../errors.ts'
import { parseJson } from '../json.ts'
import { findMistake, nonEmptyString } from '../options.ts'
import { listFolder, type ReadLimits, readUrl } from '../runtime/load/read-url.ts'
import type { OpenedMod, ScriptSource } from '../runtime/load/script-source.ts'
import { openMod, sourceName } from '../runtime/load/source.ts'

/** A mod that was found, and what to open again when it is reloaded. */
export interface FoundSource {
  readonly mod: OpenedMod
  readonly from: ScriptSource
}

const MANIFEST = /\.script\.json$/i
/** Mods that are loaded together. */
const MAX_MODS = 1000
const index = v.strictObject({ mods: v.array(nonEmptyString, 'a list of URLs') }, 'an object with a list `mods`')

/**
 * Opens the mods of a source: of a folder, of an index, of one manifest, or of a list in memory. Rejects with `LoadFailed`, `InvalidManifest`,
 * `HashMismatch`, `TooLarge`, `InvalidOptions`.
 */
export async function findMods(source: URL | readonly ScriptSource[], limits: ReadLimits): Promise<readonly FoundSource[]> {
  if (!(source instanceof URL) && !Array.isArray(source))
    throw new ScriptError(
      'InvalidOptions',
      'mods are loaded from the URL of a folder or of an index, or from a list of { manifest, source }',
    )
  const sources = source instanceof URL ? await manifestsAt(source, limits) : source
  if (sources.length > MAX_MODS) throw new ScriptError('TooLarge', `${sources.length} mods are loaded at once, and ${MAX_MODS} may be`)
  return Promise.all(sources.map((from) => openFound(from, limits)))
}

/** Opens one mod. Rejects with the errors of {@link findMods}. */
export async function openFound(from: ScriptSource, limits: ReadLimits): Promise<FoundSource> {
  try {
    const mod = await openMod(from, limits)
    if (mod !== undefined) return { mod, from }
    throw new ScriptError('InvalidManifest', 'it is the manifest of an Extism plugin: name it as the source of a mod')
  } catch (error) {
    // Of several, the error has to say which.
    const script = sourceName(from)
    throw error instanceof ScriptError && script !== undefined ? withContext(error, { script }) : error
  }
}

async function manifestsAt(url: URL, limits: ReadLimits): Promise<readonly URL[]> {
  if (MANIFEST.test(url.pathname)) return [url]
  const isFolder = url.protocol === 'file:' && !url.pathname.endsWith('.json')
  if (isFolder) return (await listFolder(url)).filter(({ pathname }) => MANIFEST.test(pathname))
  return (await readIndex(url, limits)).map((reference) => {
    const found = URL.canParse(reference, url) ? new URL(reference, url) : undefined
    if (found === undefined || (found.protocol !== url.protocol && !['http:', 'https:'].includes(found.protocol)))
      throw new ScriptError('LoadFailed', `the index names '${reference}', which is not a URL that it may name`)
    return found
  })
}

async function readIndex(url: URL, limits: ReadLimits): Promise<readonly string[]> {
  const text = new TextDecoder().decode(await readUrl(url, limits))
  let content: unknown
  try {
    content = parseJson(text)
  } catch (cause) {
    throw new ScriptError('InvalidManifest', `the index ${url.href} is not JSON`, { cause })
  }
  const mistake = findMistake(index, content)
  if (mistake !== undefined) throw new ScriptError('InvalidManifest', `the index ${url.href} is none: ${mistake}`)
  return (content as v.InferOutput<typeof index>).mods
}
