/** A script's text, as a link carries it. */
export interface Shared {
  readonly script: string
  readonly text: string
}

/** Characters of a fragment, its `#` among them: what every browser, chat and mail passes on. */
export const MOST_FRAGMENT = 8192
/** Bytes of a text. */
export const MOST_TEXT = 65_536

/** The fragment of a link to a text; `undefined` if the text is too long for one. */
export async function encodeShare({ script, text }: Shared): Promise<string | undefined> {
  const bytes = new TextEncoder().encode(text)
  if (bytes.length > MOST_TEXT) return undefined
  const packed = await collect(streamOf(bytes).pipeThrough(new CompressionStream('deflate-raw')), Number.POSITIVE_INFINITY)
  const fragment = `#script=${encodeURIComponent(script)}&text=${toBase64Url(packed ?? new Uint8Array())}`
  return fragment.length > MOST_FRAGMENT ? undefined : fragment
}

/** What a fragment carries; `undefined` for one that {@link encodeShare} did not make. Whether there is such a script is not asked. */
export async function decodeShare(hash: string): Promise<Shared | undefined> {
  // It inflates to a thousand times of itself at most, so this bounds what can be made of it before reading ends.
  if (hash.length > MOST_FRAGMENT) return undefined
  const fields = new URLSearchParams(hash.replace(/^#/, ''))
  const [script, packed] = [fields.get('script'), fields.get('text')]
  if (script === null || script === '' || packed === null || !/^[\w-]+$/.test(packed)) return undefined
  try {
    const inflated = streamOf(fromBase64Url(packed)).pipeThrough(new DecompressionStream('deflate-raw'))
    const bytes = await collect(inflated, MOST_TEXT)
    if (bytes === undefined) return undefined
    return { script, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) }
  } catch {
    return undefined
  }
}

function streamOf(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new Blob([bytes]).stream()
}

/** Reads a stream to its end, and no further than the most that is wanted. */
async function collect(stream: ReadableStream<Uint8Array>, most: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array[] = []
  let length = 0
  const reader = stream.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    length += value.length
    if (length > most) {
      await reader.cancel()
      return undefined
    }
    chunks.push(value)
  }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

function toBase64Url(bytes: Uint8Array): string {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** Throws for what is none. */
function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}
