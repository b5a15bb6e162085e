import * as v from 'valibot'
import { ScriptError } from '../../errors.ts'
import { parseJson } from '../../json.ts'
import { nonEmptyString, string, wholeNumber } from '../../options.ts'
import { isBinary } from '../../wasm/decode/decode.ts'
import type { LinkedSource, SourceManifest, SourceModule } from '../../wasm/text/source-module.ts'
import { checkSize } from './check-size.ts'
import { filesBeside, type ReadLimits, readUrl } from './read-url.ts'

/**
 * The manifest of an Extism plugin, as an object or as JSON. Its allowed hosts and paths are ignored: a plugin cannot read files, and it
 * reaches the hosts in `grant.hosts` from a worker. https://extism.org/docs/concepts/manifest
 */
export interface ExtismManifest {
  /** The modules. The one named `main`, or else the last, is the plugin; it imports the others by their names. */
  readonly wasm: readonly ManifestModule[]
  /** Limits of the memory, in pages of 64 KiB. Those of the script win if they are lower. @default those of the script */
  readonly memory?: { readonly max_pages?: number }
  /** The values of `config_get`, by key. Those of the option `config` win. @default {} */
  readonly config?: Readonly<Record<string, string>>
  /** Milliseconds that a call of a plugin in a worker may take. The option `timeoutMs` wins if it is lower. @default 5_000 */
  readonly timeout_ms?: number
}

/** A module of an {@link ExtismManifest}: by its path or URL, relative to that of the manifest, or as bytes or base64. */
export type ManifestModule = { readonly name?: string; readonly hash?: string } & (
  | { readonly path: string }
  | { readonly url: string }
  | { readonly data: string | Uint8Array }
)

/** What reading a manifest gives: the bytes of the plugin, and the rest. */
export interface ReadManifest extends Pick<SourceModule, 'readBeside'> {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly manifest: SourceManifest
}

const MAIN = 'main'
const NETWORK: readonly string[] = ['http:', 'https:']
const MAX_PAGES = 65_536
/** Each module may import all others. */
const MAX_MODULES = 100

const module = v.looseObject({
  name: v.optional(nonEmptyString),
  hash: v.optional(v.pipe(string('a text'), v.regex(/^[0-9a-f]{64}$/i, 'a SHA-256 in hexadecimal'))),
  path: v.optional(nonEmptyString),
  url: v.optional(nonEmptyString),
  data: v.optional(v.union([nonEmptyString, v.instance(Uint8Array)], 'base64 or bytes')),
})
const schema = v.looseObject(
  {
    wasm: v.pipe(
      v.array(module, 'a list of modules'),
      v.minLength(1, 'a list with at least one module'),
      v.maxLength(MAX_MODULES, `a list of at most ${MAX_MODULES} modules`),
    ),
    memory: v.optional(v.looseObject({ max_pages: v.optional(wholeNumber(0, MAX_PAGES)) })),
    config: v.optional(v.record(v.string(), v.string('a text'))),
    timeout_ms: v.nullish(wholeNumber(0)),
  },
  'an object with a list `wasm`',
)
type Module = v.InferOutput<typeof module>

/** Reads the text of a manifest. Throws `InvalidManifest`. */
export function parseExtismManifest(text: string): unknown {
  try {
    return parseJson(text)
  } catch (cause) {
    throw new ScriptError('InvalidManifest', `the manifest is not JSON: ${cause instanceof Error ? cause.message : cause}`, { cause })
  }
}

/**
 * Reads a manifest and its modules. `base` is the URL of the manifest. Rejects with `InvalidManifest` with every mistake and its
 * path, `LoadFailed`, `TooLarge`.
 */
export async function readExtismManifest(given: unknown, base: URL | undefined, limits: ReadLimits): Promise<ReadManifest> {
  const { wasm, memory, config = {}, timeout_ms } = check(given)
  // 0 and null mean that there is no limit.
  const timeoutMs = timeout_ms || undefined
  const modules: (LinkedSource & { readonly url: URL | undefined })[] = []
  const files: URL[] = []
  let size = 0
  for (const [index, each] of wasm.entries()) {
    const place = `wasm[${index}]`
    const url = each.data === undefined ? urlOf((each.path ?? each.url) as string, place, base) : undefined
    if (url !== undefined) files.push(url)
    const bytes = await readModule(each, url, place, limits)
    size += bytes.length
    checkSize('the manifest with its modules', size, limits.moduleBytes)
    modules.push({ name: each.name ?? MAIN, bytes, url })
  }
  const main = modules.find(({ name }) => name === MAIN) ?? (modules.at(-1) as (typeof modules)[number])
  const memoryPages = memory?.max_pages ?? MAX_PAGES
  const linked = modules.filter((each) => each !== main).map(({ name, bytes }) => ({ name, bytes }))
  const held: ExtismManifest = {
    wasm: [...linked, { ...main, name: MAIN }].map(({ name, bytes }) => ({ name, data: toBase64(bytes) })),
    memory: { max_pages: memoryPages },
    config,
    ...(timeoutMs !== undefined && { timeout_ms: timeoutMs }),
  }
  return {
    bytes: main.bytes,
    ...filesBeside(main.url),
    manifest: { text: JSON.stringify(held), files, linked, config, memoryPages, timeoutMs },
  }
}

function check(given: unknown): v.InferOutput<typeof schema> {
  const { success, issues, output } = v.safeParse(schema, given)
  const mistakes = success ? mistakesOf(output.wasm) : issues.map((issue) => `${placeOf(issue)} must be ${issue.message}`)
  if (mistakes.length > 0 || !success) throw new ScriptError('InvalidManifest', mistakes.join('; '))
  return output
}

/** Returns where a mistake is, such as `wasm[1].hash`. */
function placeOf({ path }: v.BaseIssue<unknown>): string {
  const place = (path ?? []).map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('')
  return place === '' ? 'the manifest' : place.replace(/^\./, '')
}

/** Returns what is wrong with the modules as a whole. */
function mistakesOf(wasm: readonly Module[]): string[] {
  const names = new Set<string>()
  return wasm.flatMap(({ name, path, url, data }, index) => {
    const mistakes: string[] = []
    const given = [path, url, data].filter((each) => each !== undefined).length
    if (given !== 1) mistakes.push(`wasm[${index}] must have one of path, url and data`)
    if (name === undefined && index < wasm.length - 1)
      mistakes.push(`wasm[${index}].name must be given: only the last module may be without`)
    const called = name ?? MAIN
    if (names.has(called)) mistakes.push(`wasm[${index}].name must not be that of another module, '${called}'`)
    names.add(called)
    return mistakes
  })
}

async function readModule(
  { data, hash }: Module,
  url: URL | undefined,
  place: string,
  limits: ReadLimits,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = url === undefined ? bytesOf(data as string | Uint8Array, place) : await readUrl(url, limits)
  if (!isBinary(bytes)) throw new ScriptError('InvalidBinary', `${place} is no module: a binary begins with \\0asm`)
  if (hash !== undefined && (await sha256(bytes)) !== hash.toLowerCase()) {
    throw new ScriptError('LoadFailed', `${place} has another SHA-256 than the manifest says`)
  }
  return bytes
}

function urlOf(reference: string, place: string, base: URL | undefined): URL {
  const from = base ?? (reference.startsWith('/') ? new URL('file:///') : undefined)
  if (!URL.canParse(reference, from?.href)) {
    throw new ScriptError('LoadFailed', `${place} is relative, and the manifest has no URL: give an absolute path or URL, or data`)
  }
  const url = new URL(reference, from)
  if (base !== undefined && NETWORK.includes(base.protocol) && !NETWORK.includes(url.protocol)) {
    throw new ScriptError('LoadFailed', `${place} is a ${url.protocol} URL, which a manifest from the network may not name`)
  }
  return url
}

function bytesOf(data: string | Uint8Array, place: string): Uint8Array<ArrayBuffer> {
  if (typeof data !== 'string') return new Uint8Array(data)
  try {
    return Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))
  } catch (cause) {
    throw new ScriptError('InvalidManifest', `${place}.data is not base64`, { cause })
  }
}

const PIECE = 0x8000

function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += PIECE) text += String.fromCharCode(...bytes.subarray(at, at + PIECE))
  return btoa(text)
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
