import * as v from 'valibot'
import { ScriptError } from '../../errors.ts'
import { parseJson, writeJson } from '../../json.ts'
import { nonEmptyString, oneOf, wholeNumber } from '../../options.ts'
import type { SyncDescription } from './sync.ts'

/** The name of the serializer, by which server and client find each other's. */
export const SERIALIZER_ID = 'bitscript'
/** The code with which a room refuses a client of another version. */
export const VERSION_REFUSED = 4290

/** What a room says of itself to a client that joins. */
export interface Hello {
  /** The version of the game that the room runs. */
  readonly version: string
  /** Ticks in a second. */
  readonly hz: number
  /** Ticks between two patches. */
  readonly patchEvery: number
  readonly sync: SyncDescription
}

const finite = v.custom<number>((value) => Number.isFinite(value) && (value as number) >= 0, 'a number, 0 or more')
const column = v.strictObject({
  field: nonEmptyString,
  type: oneOf('f32', 'f64', 'i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'eid'),
  step: finite,
})
const hello = v.strictObject({
  version: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  hz: wholeNumber(1, 1000),
  patchEvery: wholeNumber(1, 1000),
  sync: v.variant('kind', [
    v.strictObject({
      kind: v.literal('columns'),
      capacity: wholeNumber(1, 2 ** 20),
      components: v.pipe(
        v.array(v.strictObject({ name: nonEmptyString, columns: v.pipe(v.array(column), v.maxLength(256)) })),
        v.maxLength(256),
      ),
      own: v.pipe(v.array(column), v.maxLength(256)),
    }),
    v.strictObject({ kind: v.literal('inputs'), hashEvery: wholeNumber(1) }),
  ]),
})
const utf8 = new TextEncoder()
const fromUtf8 = new TextDecoder('utf-8', { fatal: true })

/** Returns what a room says of itself as bytes. */
export function writeHello(value: Hello): Uint8Array {
  return utf8.encode(writeJson(value))
}

/** Returns what a room said of itself. Throws `StateRejected` for bytes that {@link writeHello} did not make. */
export function readHello(bytes: Uint8Array): Hello {
  let parsed: unknown
  try {
    parsed = parseJson(fromUtf8.decode(bytes))
  } catch (cause) {
    throw new ScriptError('StateRejected', 'the server did not describe its room in JSON', { cause })
  }
  const { success, issues } = v.safeParse(hello, parsed, { abortEarly: true })
  if (!success) throw new ScriptError('StateRejected', `the server described its room wrongly: ${issues[0].message}`)
  return parsed as Hello
}
