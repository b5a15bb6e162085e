import { fromBase64, toBase64 } from './base64.ts'
import { SHARE_SIGN } from './share-sign.ts'

/** The text of a script in a link. */
export interface Shared {
  /** The name of the script, with the ending .ts if the text is in AssemblyScript. */
  readonly script: string
  readonly text: string
}

/** Characters of a fragment, including its `#`. Browsers, chats and mail programs accept links of this length. */
export const MAX_FRAGMENT = 8192
/** Bytes of all texts, with their names. */
export const MAX_TEXT = 65_536
/** Texts of one link. */
export const MAX_SCRIPTS = 16

const MAX_NAME = 64

/** Resolves with the fragment of a link that contains texts; `undefined` if they are too long or too many. */
export async function encodeShare(texts: readonly Shared[]): Promise<string | undefined> {
  const bytes = new TextEncoder().encode(JSON.stringify(texts.map(({ script, text }) => [script, text])))
  if (bytes.length > MAX_TEXT || texts.length > MAX_SCRIPTS) return undefined
  const compressed = await collect(streamOf(bytes).pipeThrough(new CompressionStream('deflate-raw')), Number.POSITIVE_INFINITY)
  const fragment = SHARE_SIGN + toBase64Url(compressed ?? new Uint8Array())
  return fragment.length > MAX_FRAGMENT ? undefined : fragment
}

/** Resolves with the texts in a fragment; `undefined` if {@link encodeShare} did not create it. The scripts need not exist. */
export async function decodeShare(hash: string): Promise<readonly Shared[] | undefined> {
  // Data can inflate to a thousand times its size, so this limits what is read before `collect` stops.
  if (!hash.startsWith(SHARE_SIGN) || hash.length > MAX_FRAGMENT) return undefined
  const compressed = hash.slice(SHARE_SIGN.length)
  if (!/^[\w-]+$/.test(compressed)) return undefined
  try {
    const inflated = streamOf(fromBase64Url(compressed)).pipeThrough(new DecompressionStream('deflate-raw'))
    const bytes = await collect(inflated, MAX_TEXT)
    if (bytes === undefined) return undefined
    return textsOf(JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)))
  } catch {
    return undefined
  }
}

function textsOf(value: unknown): readonly Shared[] | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_SCRIPTS || !value.every(isText)) return undefined
  const names = new Set(value.map(([script]) => script))
  return names.size === value.length ? value.map(([script, text]) => ({ script, text })) : undefined
}

function isText(value: unknown): value is readonly [script: string, text: string] {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    value.every((part) => typeof part === 'string') &&
    value[0] !== '' &&
    (value[0] as string).length <= MAX_NAME
  )
}

function streamOf(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new Blob([bytes]).stream()
}

/** Reads a stream to its end. Resolves with `undefined` if it has more than `maximum` bytes. */
async function collect(stream: ReadableStream<Uint8Array<ArrayBuffer>>, maximum: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array<ArrayBuffer>[] = []
  let length = 0
  const reader = stream.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    length += value.length
    if (length > maximum) {
      await reader.cancel()
      return undefined
    }
    chunks.push(value)
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer())
}

function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** Throws if the text is not Base64. */
function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  return fromBase64(text.replaceAll('-', '+').replaceAll('_', '/'))
}
