import * as v from 'valibot'
import type { FetchFunction } from '../../host/services/bounded-fetch.ts'
import { boolean, callable, checkOptions, wholeNumber } from '../../options.ts'

/** How requests of scripts by HTTP are made. */
export interface HttpOptions {
  /** What sends a request, in the place of `fetch`. @default the engine's */
  readonly fetch?: FetchFunction
  /** Milliseconds that a request may take. One that takes longer fails. @default 30_000 */
  readonly timeoutMs?: number
}

/** The options, complete and frozen. */
export type ResolvedHttpOptions = Readonly<Required<HttpOptions>>

const httpOptions = v.strictObject(
  // The longest time of a timer.
  { fetch: v.optional(callable<FetchFunction>()), timeoutMs: v.optional(wholeNumber(1, 2 ** 31 - 1)) },
  'an object of options',
)
const runtimeOptions = v.strictObject({ http: v.union([boolean, httpOptions], 'true, false or an object of options') })

/** Returns how requests are made; `undefined` if they are not. Throws `InvalidOptions`. */
export function resolveHttp(http: boolean | HttpOptions): ResolvedHttpOptions | undefined {
  checkOptions(runtimeOptions, { http }, 'create')
  if (http === false) return undefined
  const { fetch = fetchByEngine, timeoutMs = 30_000 }: HttpOptions = http === true ? {} : http
  return Object.freeze({ fetch, timeoutMs })
}

/** Looks `fetch` up at each request: a polyfill may come later. */
const fetchByEngine: FetchFunction = (url, options) => fetch(url, options)
