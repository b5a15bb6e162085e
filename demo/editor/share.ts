/** The text of a script in a link. */
export interface Shared {
  readonly script: string
  readonly text: string
}

/** Characters of a fragment, including its `#`. Browsers, chats and mail programs accept links of this length. */
export const MAX_FRAGMENT = 8192
/** Bytes of a text. */
export const MAX_TEXT = 65_536

/** Resolves with the fragment of a link that contains a text; `undefined` if the text is too long. */
export async function encodeShare({ script, text }: Shared): Promise<string | undefined> {
  const bytes = new TextEncoder().encode(text)
  if (bytes.length > MAX_TEXT) return undefined
  const compressed = await collect(streamOf(bytes).pipeThrough(new CompressionStream('deflate-raw')), Number.POSITIVE_INFINITY)
  const fragment = `#script=${encodeURIComponent(script)}&text=${toBase64Url(compressed ?? new Uint8Array())}`
  return fragment.length > MAX_FRAGMENT ? undefined : fragment
}

/** Returns whether a fragment is meant to contain a text, which may be damaged. */
export function isShare(hash: string): boolean {
  return hash.startsWith('#script=')
}

/** Resolves with the text in a fragment; `undefined` if {@link encodeShare} did not create it. The script need not exist. */
export async function decodeShare(hash: string): Promise<Shared | undefined> {
  // Data can inflate to a thousand times its size, so this limits what is read before `collect` stops.
  if (hash.length > MAX_FRAGMENT) return undefined
  const fields = new URLSearchParams(hash.replace(/^#/, ''))
  const [script, compressed] = [fields.get('script'), fields.get('text')]
  if (script === null || script === '' || compressed === null || !/^[\w-]+$/.test(compressed)) return undefined
  try {
    const inflated = streamOf(fromBase64Url(compressed)).pipeThrough(new DecompressionStream('deflate-raw'))
    const bytes = await collect(inflated, MAX_TEXT)
    if (bytes === undefined) return undefined
    return { script, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) }
  } catch {
    return undefined
  }
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
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** Throws if the text is not Base64. */
function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}
