import { EXPORT } from '../../../abi/exports.ts'
import { ScriptError } from '../../../errors.ts'
import { parseJson } from '../../../json.ts'
import { isRecord } from '../../../options.ts'
import type { FileSource, ModSource, OpenedMod, ScriptAsset, ScriptSource } from '../script-source.ts'
import { checkConfig } from './check-config.ts'
import { completeOptions } from './complete-options.ts'
import type { Manifest } from './manifest.ts'
import { parseGivenManifest, parseManifest } from './parse.ts'
import { sha256Of } from './sha256.ts'

type Content = string | Uint8Array<ArrayBuffer>

const NETWORK: readonly string[] = ['http:', 'https:']

/**
 * Opens a mod from a source, which has a URL or not. `read` reads the manifest and the module. Resolves with `undefined` for the manifest of an
 * Extism plugin. Rejects with `InvalidManifest`, `HashMismatch`, `LoadFailed`.
 */
export async function openModManifest(
  from: ScriptSource,
  url: URL | undefined,
  read: (source: ScriptSource) => Promise<Content>,
): Promise<OpenedMod | undefined> {
  const beside = besideManifest(from)
  const text = beside?.manifest ?? (await read(from))
  if (beside === undefined && isPlugin(text as Content)) return undefined
  const manifest = manifestOf(text, beside?.source !== undefined)
  const place = beside?.source ?? placeOf(manifest, url)
  const sha256 = typeof manifest.source === 'object' ? manifest.source.sha256?.toLowerCase() : undefined
  let source: ScriptSource = place
  if (place instanceof URL) source = { url: place, content: await read(place) }
  if (sha256 !== undefined) {
    const content = await read(source)
    await checkHash(content, sha256, manifest.name)
    // A response is read once.
    if (!('url' in Object(source)) || source instanceof Response) source = content
  }
  return {
    kind: 'opened mod',
    manifest,
    url,
    source,
    checkVersion: (version) => checkVersion(manifest, version),
    checkConfig: (config) => checkConfig(config, manifest.configSchema),
    complete: (options, game) => completeOptions(manifest, options, game),
  }
}

/** Returns what is given beside a manifest in memory; `undefined` if the source is the manifest's text. */
function besideManifest(given: ScriptSource): Pick<ModSource, 'manifest' | 'source'> | undefined {
  if (typeof given !== 'object') return undefined
  const { mod, ...asset } = given as ScriptAsset
  if (mod === undefined) return 'manifest' in given ? (given as ModSource) : undefined
  // The module of an asset was compared when it was built.
  const { source: _, ...manifest } = mod
  return { manifest, source: { ...asset, ...parts(given as ScriptAsset) } }
}

/** Returns the parts that an asset in development has as getters. */
function parts({ bytes, text, manifest }: ScriptAsset): Partial<ScriptAsset> {
  return { ...(bytes && { bytes }), ...(text !== undefined && { text }), ...(manifest && { manifest }) }
}

/** Returns whether JSON is the manifest of an Extism plugin, which has `wasm` in the place of `source`. */
function isPlugin(content: Content): boolean {
  try {
    const manifest = parseJson(typeof content === 'string' ? content : new TextDecoder().decode(content))
    return isRecord(manifest) && 'wasm' in manifest && !('source' in manifest)
  } catch {
    return false
  }
}

function manifestOf(text: string | Uint8Array | object, isGiven: boolean): Manifest {
  if (!isGiven) return parseManifest(text)
  const { source = 'given', ...manifest } = parseGivenManifest(text)
  return Object.freeze({ ...manifest, source })
}

/** Returns the URL of the module, or its text. Throws `LoadFailed` for a path that leads nowhere. */
function placeOf({ name, source }: Manifest, base: URL | undefined): URL | FileSource | string {
  const { text, path, url: reference = path as string } = typeof source === 'string' ? { url: source } : source
  if (text !== undefined) return base === undefined ? text : { url: new URL(`${encodeURIComponent(name)}.wat`, base), content: text }
  const from = base ?? (reference.startsWith('/') ? new URL('file:///') : undefined)
  if (!URL.canParse(reference, from?.href)) {
    const advice = 'load it by its URL, or give an absolute one'
    throw new ScriptError('LoadFailed', `the source '${reference}' is relative, and the manifest has no URL: ${advice}`)
  }
  const found = new URL(reference, from)
  if (base !== undefined && NETWORK.includes(base.protocol) && ![...NETWORK, 'data:'].includes(found.protocol))
    throw new ScriptError('LoadFailed', `the source is a ${found.protocol} URL, which a manifest from the network may not name`)
  return found
}

/** Throws `HashMismatch` for a module that the manifest was not written for. */
async function checkHash(content: Content, wanted: string, script: string): Promise<void> {
  const found = await sha256Of(typeof content === 'string' ? new TextEncoder().encode(content) : content)
  if (found === wanted) return
  throw new ScriptError('HashMismatch', `the SHA-256 of the module is ${found}, and the manifest says ${wanted}`, { script })
}

function checkVersion({ version }: Manifest, text: Uint8Array | undefined): void {
  const found = new TextDecoder().decode(text)
  if (found === version || found === JSON.stringify(version)) return
  const detail = `get_version returns '${found}', and the manifest says '${version}'`
  throw new ScriptError('InvalidMetadata', detail, { export: EXPORT.getVersion })
}
