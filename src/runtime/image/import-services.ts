import * as v from 'valibot'
import { ArrayCopy, type ArrayImage } from '../../array-image.ts'
import { refuseFile, refuseOther } from '../../ecs/image/refuse-file.ts'
import type { ServicesImage } from '../../host/services/script-services.ts'
import { MAX_KEY_BYTES, MAX_KEYS, MAX_REQUESTS, MAX_SERIES } from '../../host/services/service-limits.ts'
import { findMistake, MAX_COUNT, string, wholeNumber } from '../../options.ts'

const text = string('a text')
const bytes = v.custom<Uint8Array>((value) => value instanceof Uint8Array, 'bytes')
const number = v.custom<number>((value) => typeof value === 'number', 'a number')
const key = v.pipe(
  text,
  v.check((value) => bytesIn(value) <= MAX_KEY_BYTES, `a text of at most ${MAX_KEY_BYTES} bytes`),
)
/** Two for each metric: a reload may leave those of the code before. */
const MAX_VALUES = 2 * MAX_SERIES
const id = wholeNumber(1)
const status = wholeNumber(0, 999)

/** The schema of what a file holds of the services of a script. */
const schema: v.GenericSchema<PortableServices> = v.strictObject({
  metrics: v.pipe(
    v.array(
      v.strictTuple([
        text,
        v.pipe(
          v.array(number),
          v.check(({ length }) => length === 1 || length === 4, 'the value of a metric'),
        ),
      ]),
    ),
    v.maxLength(MAX_VALUES),
    v.check((metrics) => metrics.every(([name, { length }]) => (length === 4) === name.startsWith('histogram ')), 'values of metrics'),
  ),
  storage: v.strictObject({ keys: v.pipe(v.array(v.strictTuple([key, wholeNumber(0)])), v.maxLength(MAX_KEYS)), values: bytes }),
  http: v.pipe(
    v.strictObject({
      nextId: wholeNumber(1, MAX_COUNT),
      waiting: v.array(id),
      answers: v.array(v.strictObject({ id, status, body: bytes })),
    }),
    v.check(({ waiting, answers }) => waiting.length + answers.length <= MAX_REQUESTS, `at most ${MAX_REQUESTS} requests`),
    v.check(({ nextId, waiting, answers }) => {
      const ids = [...waiting, ...answers.map((each) => each.id)]
      return ids.every((each) => each < nextId) && new Set(ids).size === ids.length
    }, 'numbers of requests that were made'),
  ),
})

/** What a file holds of the services of a script. */
export type PortableServices = Omit<ServicesImage, 'storage'> & {
  readonly storage: { readonly keys: readonly (readonly [key: string, length: number])[]; readonly values: Uint8Array }
}

/** Returns the image that a file holds, which can be restored without a failure. Throws `StateRejected`. */
export function importServices(
  given: unknown,
  name: string,
  limits: { readonly storageBytes: number; readonly jsonBytes: number },
): ServicesImage {
  const mistake = findMistake(schema, given)
  if (mistake !== undefined) refuseFile(`the services of '${name}': ${mistake}`)
  const { metrics, storage, http } = given as PortableServices
  const { keys, values } = storage
  if (new Set(keys.map(([each]) => each)).size !== keys.length || keys.reduce((sum, [, length]) => sum + length, 0) !== values.length)
    refuseFile(`the storage of '${name}' does not fit its keys`)
  const image = { metrics, storage: { keys, values: new ArrayCopy(values) as ArrayImage<Uint8Array> }, http }
  const used = keys.reduce((sum, [each]) => sum + bytesIn(each), values.length)
  if (used > limits.storageBytes) refuseOther(`the storage of '${name}' has ${used} bytes there; raise limits.storageBytes`)
  if (http.answers.some(({ body }) => body.length > limits.jsonBytes))
    refuseOther(`an answer by HTTP to '${name}' is larger there; raise limits.jsonBytes`)
  return image
}

function bytesIn(text: string): number {
  return new TextEncoder().encode(text).length
}
