import { readerBeside, readFile } from '#read-file'
import type { Limits } from '../../abi/limits.ts'
import { ScriptError } from '../../errors.ts'
import type { SourceModule } from '../../wasm/text/source-module.ts'
import { BoundedBytes } from './bounded-bytes.ts'
import { checkSize } from './check-size.ts'

export { listFolder } from '#read-file'

/** The limits of reading a source. */
export interface ReadLimits extends Pick<Limits, 'moduleBytes' | 'loadMs'> {
  /** What files held when they were read before, by URL. They are not read again. @default none */
  readonly held?: ReadonlyMap<string, Uint8Array>
}

/** Returns what reads the files beside a module, if it is a file and there is anything that reads files. */
export function filesBeside(module: URL | undefined): Pick<SourceModule, 'readBeside'> {
  const readBeside = module?.protocol === 'file:' ? readerBeside(module) : undefined
  return readBeside === undefined ? {} : { readBeside }
}

/** Reads a URL, piece by piece. Rejects with `LoadFailed`, `TooLarge`. */
export async function readUrl(url: URL, limits: ReadLimits): Promise<Uint8Array<ArrayBuffer>> {
  const what = shorten(url)
  const held = limits.held?.get(url.href)
  if (held !== undefined) return new Uint8Array(held)
  if (url.protocol === 'file:') {
    const bytes = new BoundedBytes(what, limits.moduleBytes)
    await readFile(url, bytes, (read) => within(limits, what, read))
    return bytes.take()
  }
  if (!['http:', 'https:', 'data:'].includes(url.protocol)) {
    throw new ScriptError('LoadFailed', `a ${url.protocol} URL cannot be read; use http:, https:, data: or file:`)
  }
  return within(limits, what, async (signal) => {
    let response: Response
    try {
      response = await fetch(url, { signal })
    } catch (cause) {
      throw new ScriptError('LoadFailed', `${what} could not be fetched`, { cause })
    }
    return readBody(response, what, limits, signal)
  })
}

/** Reads the body of a response, piece by piece. Rejects with `LoadFailed`, `TooLarge`. */
export function readResponse(response: Response, limits: ReadLimits): Promise<Uint8Array<ArrayBuffer>> {
  const what = response.url === '' ? 'the response' : shorten(new URL(response.url))
  return within(limits, what, (signal) => readBody(response, what, limits, signal))
}

/** Runs `read`, which stops when its signal is aborted. Rejects with `LoadFailed` if it takes longer than the limit. */
async function within<Result>({ loadMs }: ReadLimits, what: string, read: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new ScriptError('LoadFailed', `${what} was not read within ${loadMs} milliseconds (limits.loadMs)`))
      controller.abort()
    }, loadMs)
  })
  try {
    return await Promise.race([read(controller.signal), late])
  } finally {
    clearTimeout(timer)
  }
}

async function readBody(
  response: Response,
  what: string,
  { moduleBytes }: ReadLimits,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new BoundedBytes(what, moduleBytes)
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  try {
    reader = response.body?.getReader()
    // Reads that wait end when the reader is cancelled.
    signal.addEventListener('abort', () => void reader?.cancel().catch(ignore))
    if (!response.ok) throw new ScriptError('LoadFailed', `${what} has the status ${response.status} ${response.statusText}`.trim())
    checkSize(what, Number(response.headers.get('content-length') ?? 0), moduleBytes)
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true }
      if (done) return bytes.take()
      if (!(value instanceof Uint8Array)) throw new ScriptError('LoadFailed', `${what} gives pieces that are not bytes`)
      bytes.add(value)
    }
  } catch (cause) {
    // What is left of the body is not wanted.
    void reader?.cancel().catch(ignore)
    throw cause instanceof ScriptError ? cause : new ScriptError('LoadFailed', `${what} could not be read`, { cause })
  }
}

function shorten(url: URL): string {
  return url.href.length > 200 ? `${url.href.slice(0, 200)}…` : url.href
}

function ignore(): void {}
