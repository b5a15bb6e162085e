import { ScriptError } from '../../errors.ts'
import { isRecord } from '../../options.ts'
import { abbreviate } from '../../printable.ts'
import { type FetchFunction, isGranted, readBody, reasonOf } from './bounded-fetch.ts'
import { MAX_REQUESTS } from './service-limits.ts'

/** A request, as a script gives it in JSON. */
export interface HttpRequest {
  readonly url: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

/** The answer to a request of a script by HTTP. */
export interface HttpAnswer {
  /** The number that `http.request` returned. */
  readonly id: number
  /** The status; 0 if there is no answer. */
  readonly status: number
  /** The body, or a text in UTF-8 that says why there is no answer. */
  readonly body: Uint8Array
}

/** What sending is bounded by. */
export interface HttpBounds {
  readonly fetch: FetchFunction
  readonly timeoutMs: number
  /** Bytes of the body of an answer. */
  readonly maxBytes: number
}

/** The number of the next request, the requests that wait, and the answers that are not passed to the script yet. */
export interface HttpImage {
  readonly nextId: number
  readonly waiting: readonly number[]
  readonly answers: readonly HttpAnswer[]
}

/** A request that was made. */
interface Waiting {
  /** `undefined` where only its answer is awaited, from a recording. */
  readonly request: HttpRequest | undefined
  /** Ends the request; `undefined` until it is sent. */
  stop: (() => void) | undefined
  /** Resolves when the answer is there. */
  ended: Promise<void> | undefined
  answer: HttpAnswer | undefined
}

const METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const HEADER = /^[!#$%&'*+.^_`|~a-z0-9-]+$/i
/** They say which server is asked, and how the connection works. */
const OWN_HEADERS: readonly string[] = ['host', 'connection', 'content-length', 'transfer-encoding', 'upgrade', 'expect', 'te', 'trailer']

/**
 * Checks what a script passed to `http.request`. Throws `InvalidJson` for what is no request, `GrantDenied` for a host that is not among
 * those granted.
 */
export function checkRequest(given: unknown, hosts: readonly string[]): HttpRequest {
  const fail = (why: string): never => {
    throw new ScriptError('InvalidJson', `http.request was given no request { url, method?, headers?, body? }: ${why}`)
  }
  if (!isRecord(given)) return fail('it is no object')
  const { url, method = 'GET', headers = {}, body, ...others } = given
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) fail(`it has no '${abbreviate(unknown)}'`)
  if (typeof url !== 'string' || !URL.canParse(url)) return fail('url must be an absolute URL')
  if (typeof method !== 'string' || !METHODS.includes(method)) return fail(`method must be one of ${METHODS.join(', ')}`)
  if (!isRecord(headers)) return fail('headers must be an object of texts')
  for (const [name, value] of Object.entries(headers)) {
    if (!HEADER.test(name) || typeof value !== 'string' || /[^\t\x20-\x7e]/.test(value)) fail(`'${abbreviate(name)}' is no header`)
    if (OWN_HEADERS.includes(name.toLowerCase())) fail(`the header '${name}' is not the script's to set`)
  }
  if (body !== undefined && (typeof body !== 'string' || method === 'GET' || method === 'HEAD'))
    return fail('body must be a text, and not of a GET or HEAD')
  const { protocol, hostname, username, password, href } = new URL(url)
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw new ScriptError('GrantDenied', `it asked for a ${protocol} URL, and may ask for http: and https: alone`)
  }
  if (username !== '' || password !== '') return fail('url must have no user and no password; set the header authorization')
  if (!isGranted(hostname, hosts)) throw new ScriptError('GrantDenied', `it asked for '${hostname}', which is not in grant.hosts`)
  return { url: href, method, headers: headers as Record<string, string>, body }
}

/** The requests of one script. */
export class HttpRequests {
  #nextId = 1
  readonly #waiting = new Map<number, Waiting>()
  #answers: HttpAnswer[] = []

  /** Whether there are answers for the script. */
  get hasAnswers(): boolean {
    return this.#answers.length > 0
  }

  /** Whether a request was sent whose answer has not come. */
  get isBusy(): boolean {
    return [...this.#waiting.values()].some(({ ended, answer }) => ended !== undefined && answer === undefined)
  }

  /** Resolves when the answers to all requests that were sent have come. */
  async settled(): Promise<void> {
    await Promise.all([...this.#waiting.values()].map(({ ended }) => ended))
  }

  /** Adds a request, which {@link send} sends. Returns its number; 0 if too many wait. */
  add(request: HttpRequest): number {
    if (this.#waiting.size + this.#answers.length >= MAX_REQUESTS) return 0
    this.#waiting.set(this.#nextId, { request, stop: undefined, ended: undefined, answer: undefined })
    return this.#nextId++
  }

  /** Sends the requests that are not sent yet. */
  send(bounds: HttpBounds): void {
    for (const [id, waiting] of this.#waiting) {
      if (waiting.request === undefined || waiting.ended !== undefined) continue
      const { stop, answer } = sendRequest(waiting.request, bounds)
      waiting.stop = stop
      waiting.ended = answer.then((came) => {
        waiting.answer = { id, ...came }
      })
    }
  }

  /** Returns the answers that have come, by their number. */
  come(): readonly HttpAnswer[] {
    return [...this.#waiting.values()].flatMap(({ answer }) => answer ?? []).sort((one, other) => one.id - other.id)
  }

  /** Takes an answer for the script. One that nothing waits for is dropped. */
  receive(answer: HttpAnswer): void {
    if (this.#waiting.delete(answer.id)) this.#answers.push(answer)
  }

  /** Returns the next answer for the script. */
  take(): HttpAnswer | undefined {
    return this.#answers.shift()
  }

  /** Ends all requests that wait. The script gets an answer to each that says why. */
  abandon(why: string): void {
    for (const [id, { stop }] of [...this.#waiting]) {
      stop?.()
      this.receive({ id, status: 0, body: new TextEncoder().encode(why) })
    }
  }

  /** Ends all requests that wait, without an answer. */
  drop(): void {
    for (const { stop } of this.#waiting.values()) stop?.()
    this.#waiting.clear()
  }

  save(): HttpImage {
    return { nextId: this.#nextId, waiting: [...this.#waiting.keys()], answers: [...this.#answers] }
  }

  /** Restores an image. What waits in it is not sent again: only a recording has its answer. */
  restore({ nextId, waiting, answers }: HttpImage): void {
    this.drop()
    this.#nextId = nextId
    for (const id of waiting) this.#waiting.set(id, { request: undefined, stop: undefined, ended: undefined, answer: undefined })
    this.#answers = [...answers]
  }

  /** Returns a function that takes back the requests that are made from now on. */
  mark(): () => void {
    const before = this.#nextId
    return () => {
      for (let id = before; id < this.#nextId; id++) {
        this.#waiting.get(id)?.stop?.()
        this.#waiting.delete(id)
      }
      this.#nextId = before
    }
  }
}

/** Sends a request without cookies, and without following redirects, which may lead to other hosts. */
function sendRequest(
  { url, method, headers, body }: HttpRequest,
  { fetch, timeoutMs, maxBytes }: HttpBounds,
): { readonly stop: () => void; readonly answer: Promise<Omit<HttpAnswer, 'id'>> } {
  const control = new AbortController()
  const { signal } = control
  const stop = (why: string): void => control.abort(new Error(why))
  const timer = setTimeout(() => stop(`there was no answer within ${timeoutMs} milliseconds`), timeoutMs)
  // A `fetch` of the game may not heed the signal.
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason))
  })
  const run = async (): Promise<Omit<HttpAnswer, 'id'>> => {
    const options: RequestInit = { method, headers, redirect: 'manual', credentials: 'omit', signal, ...(body !== undefined && { body }) }
    const response = await fetch(url, options)
    if (response.type === 'opaqueredirect') throw new Error('it redirects, which is not followed')
    return { status: response.status, body: await readBody(response, maxBytes) }
  }
  const answer = Promise.race([run(), stopped])
    .catch((cause: unknown) => ({ status: 0, body: new TextEncoder().encode(reasonOf(signal.aborted ? signal.reason : cause)) }))
    .finally(() => clearTimeout(timer))
  return { stop: () => stop('it was ended'), answer }
}
