import { ScriptError } from '../../errors.ts'

/** What sends a request, as `fetch` does. */
export type FetchFunction = (url: string, options: RequestInit) => Promise<Response>

/** What the requests of a plugin in a worker are bounded by. */
export interface WorkerBounds {
  /** Names of hosts, `*.name` for all below one, `*` for all. */
  readonly hosts: readonly string[]
  /** Bytes of the body of a response. */
  readonly maxBytes: number
  /** Returns the signal that ends the requests of the current call. */
  readonly signal: () => AbortSignal
  /** Logs why a request failed. */
  readonly warn: (message: string) => void
}

/**
 * Returns the `fetch` of a plugin in a worker: to the granted hosts alone, without the cookies of the page, and without following
 * redirects, which may lead to other hosts. A request that fails gets a response of the status 0. Rejects with `GrantDenied`.
 */
export function boundedFetch({ hosts, maxBytes, signal, warn }: WorkerBounds): typeof fetch {
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input)
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      throw new ScriptError('GrantDenied', `the plugin asked for a ${url.protocol} URL, and may ask for http: and https: alone`)
    }
    if (!isGranted(url.hostname, hosts)) {
      throw new ScriptError('GrantDenied', `the plugin asked for ${url.origin}, and '${url.hostname}' is not in grant.hosts`)
    }
    const own = signal()
    try {
      const response = await fetch(url, { ...init, redirect: 'manual', credentials: 'omit', signal: own })
      if (response.type === 'opaqueredirect') throw new Error('it redirects, which is not followed')
      const { status, statusText, headers } = response
      const body = await readBody(response, maxBytes)
      return new Response(body.length === 0 ? null : body, { status, statusText, headers })
    } catch (cause) {
      // A response would be sent to a worker that is gone.
      if (own.aborted) throw cause
      warn(`HTTP from ${url.origin} failed: ${reasonOf(cause)}`)
      return Response.error()
    }
  }
}

/** Returns whether a host may be reached: `hosts` are names, `*.name` for all below one, `*` for all. */
export function isGranted(hostname: string, hosts: readonly string[]): boolean {
  const matches = (host: string): boolean =>
    host === '*' || host === hostname || (host.startsWith('*.') && hostname.endsWith(host.slice(1)))
  return hosts.some((host) => matches(host.toLowerCase()))
}

/** Reads a body piece by piece, so that one that does not end is not kept. */
export async function readBody(response: Response, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const reader = response.body?.getReader()
  const pieces: Uint8Array<ArrayBuffer>[] = []
  let length = 0
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true }
    if (done) break
    length += value.length
    if (length > maxBytes) {
      void reader?.cancel().catch(() => undefined)
      throw new Error(`it has more than ${maxBytes} bytes (limits.jsonBytes)`)
    }
    pieces.push(value)
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer())
}

/** Returns why a request failed. */
export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  return cause.cause instanceof Error ? cause.cause.message : cause.message
}
