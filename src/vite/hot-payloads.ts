import * as v from 'valibot'
import type { HotPayload } from 'vite'
import { ERROR_SENTENCES, type ErrorCode } from '../index.ts'
import type { Mistake, ScriptVersion, Warnings } from './hot-events.ts'

/** A page, or another runtime, that is connected with an environment. */
export interface HotClient {
  send(payload: HotPayload): void
  send(event: string, payload?: unknown): void
}

/** The part of an environment's `hot` that receives events. */
interface HotListeners {
  on(event: string, listener: (payload: unknown, client: HotClient) => void): void
}

const location = v.object({ file: v.string(), line: v.number(), column: v.number() })

/** The form of a {@link Mistake}. */
export const mistakePayload: v.GenericSchema<unknown, Mistake> = v.object({
  id: v.string(),
  code: v.custom<ErrorCode>((code) => typeof code === 'string' && Object.hasOwn(ERROR_SENTENCES, code)),
  detail: v.string(),
  script: v.exactOptional(v.string()),
  location: v.exactOptional(location),
  frame: v.exactOptional(v.string()),
  trace: v.exactOptional(v.array(v.object({ function: v.string(), location: v.exactOptional(location) }))),
  isPage: v.exactOptional(v.boolean()),
})

/** The form of {@link Warnings}. */
export const warningsPayload: v.GenericSchema<unknown, Warnings> = v.object({
  id: v.string(),
  script: v.string(),
  warnings: v.array(v.string()),
  inPage: v.boolean(),
  isPage: v.boolean(),
})

/** The form of a {@link ScriptVersion}. */
export const versionPayload: v.GenericSchema<unknown, ScriptVersion> = v.object({ id: v.string(), version: v.number() })

/**
 * Calls a listener with each payload of an event that has the form of `schema`, and ignores the others. A page may send anything, and Vite does not
 * catch what a listener throws, which would end its server.
 */
export function listen<Payload>(
  hot: HotListeners,
  event: string,
  schema: v.GenericSchema<unknown, Payload>,
  listener: (payload: Payload, client: HotClient) => void,
): void {
  hot.on(event, (payload, client) => {
    const { success, output } = v.safeParse(schema, payload)
    if (success) listener(output, client)
  })
}
