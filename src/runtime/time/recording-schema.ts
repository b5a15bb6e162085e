import * as v from 'valibot'
import { ERROR_SENTENCES, type ErrorCode } from '../../errors.ts'
import { parseJson } from '../../json.ts'
import { anything, boolean, isRecord, MAX_COUNT, nonEmptyString, string, wholeNumber } from '../../options.ts'
import { isBinary } from '../../wasm/decode/decode.ts'
import type { ComponentChanges, ComponentValues } from '../api/component-types.ts'
import type { GameInput, HostInput, ScriptContent } from '../api/input-log.ts'
import { loadOptionsSchema, reloadOptionsSchema } from '../api/load-options.ts'
import { jobOptionsSchema } from '../jobs/job-options.ts'
import { isManifestText } from '../load/source.ts'
import { recordedCallersSchema } from './recorded-callers.ts'
import type { RecordedInput, RecordingContent } from './recording-content.ts'

/**
 * Ticks between two hashes of the world. A replay reports between which two hashes its world began to differ. Since a recording has a hash
 * for each of these intervals, its length is in proportion to the ticks that it plays.
 */
export const HASH_EVERY = 300

const text = string('a text')
const bytes = v.custom<Uint8Array>((value) => value instanceof Uint8Array, 'bytes')
const content = v.pipe(
  v.custom<ScriptContent>((value) => typeof value === 'string' || value instanceof Uint8Array, 'a text or bytes'),
  v.check(holdsItsModules, 'a manifest that holds its modules'),
)
const entity = wholeNumber(0)
const numbers = v.custom<readonly (number | bigint)[]>(
  (value) => Array.isArray(value) && value.every((each) => typeof each === 'number' || typeof each === 'bigint'),
  'a list of numbers',
)
/** A wrong argument is an error of the call, which a replay repeats. */
const args = v.custom<readonly (number | bigint)[]>(Array.isArray, 'a list')

function areValues(value: unknown, isComponent: (fields: unknown) => boolean): boolean {
  return isRecord(value) && Object.values(value).every(isComponent)
}

const isFields = (fields: unknown): boolean => areValues(fields, (value) => value === undefined || typeof value === 'number')
const values = v.custom<ComponentValues>((value) => areValues(value, isFields), 'numbers by component and field')
const changes = v.custom<ComponentChanges>(
  (value) => areValues(value, (fields) => fields === null || isFields(fields)),
  'numbers by component and field',
)

const pairData = v.custom<Readonly<Record<string, number>>>(
  (value) => areValues(value, (each) => typeof each === 'number'),
  'numbers by field',
)

const jobItems = v.custom<readonly (Uint8Array | string)[]>(
  (value) => Array.isArray(value) && value.every((each) => typeof each === 'string' || each instanceof Uint8Array),
  'bytes or JSON texts',
)

const outcomeError = v.nullable(v.strictTuple([v.picklist(Object.keys(ERROR_SENTENCES) as ErrorCode[]), text]))

const seconds = v.custom<number>((value) => Number.isFinite(value) && (value as number) >= 0, 'a number of seconds')
const tick = {
  kind: v.literal('tick'),
  dt: seconds,
}
const withoutTick = v.variant('kind', [
  v.strictObject({ kind: v.literal('emit'), name: nonEmptyString, args: numbers }),
  v.strictObject({ kind: v.literal('spawn'), components: values }),
  v.strictObject({ kind: v.literal('write'), entity, components: changes }),
  v.strictObject({ kind: v.literal('despawn'), entity }),
  v.strictObject({ kind: v.literal('relate'), entity, relation: text, target: entity, data: pairData }),
  v.strictObject({ kind: v.literal('unrelate'), entity, relation: text, target: entity }),
  v.strictObject({ kind: v.picklist(['attach', 'detach']), entity, script: text }),
  v.strictObject({ kind: v.literal('call'), script: text, name: text, args }),
  v.strictObject({ kind: v.literal('callJson'), script: text, name: text, arg: anything }),
  v.strictObject({ kind: v.literal('callBytes'), script: text, name: text, bytes }),
  v.strictObject({ kind: v.literal('send'), script: text, topic: nonEmptyString, data: anything }),
  v.strictObject({ kind: v.literal('request'), script: text, topic: nonEmptyString, data: anything, ticks: wholeNumber(1) }),
  v.strictObject({ kind: v.literal('load'), script: nonEmptyString, content, options: loadOptionsSchema }),
  v.strictObject({ kind: v.literal('reload'), script: text, content, options: reloadOptionsSchema }),
  v.strictObject({ kind: v.picklist(['unload', 'pause', 'resume', 'revert']), script: text }),
  v.strictObject({
    kind: v.literal('setClock'),
    clock: v.strictObject({ tick: wholeNumber(0, MAX_COUNT), time: seconds }),
  }),
  v.strictObject({ kind: v.literal('restore'), snapshot: bytes }),
  v.strictObject({ kind: v.literal('configure'), script: text, config: anything }),
  v.strictObject({ kind: v.literal('response'), script: text, id: wholeNumber(1), status: wholeNumber(0, 999), body: bytes }),
  v.strictObject({
    kind: v.literal('answer'),
    script: text,
    // A call that was made before the recording has a number below 0.
    call: wholeNumber(Number.MIN_SAFE_INTEGER),
    output: v.nullable(bytes),
    error: outcomeError,
    isFault: boolean,
    variables: v.array(v.strictTuple([text, v.nullable(bytes)])),
  }),
  v.strictObject({ kind: v.literal('job'), script: text, options: jobOptionsSchema }),
  v.strictObject({
    kind: v.literal('jobInput'),
    job: wholeNumber(0),
    items: jobItems,
    isOver: boolean,
    error: outcomeError,
    taken: wholeNumber(0),
  }),
  v.strictObject({ kind: v.literal('cancelJob'), job: wholeNumber(0) }),
])

const input: v.GenericSchema<RecordedInput> = v.variant('kind', [v.strictObject({ ...tick, times: wholeNumber(1) }), withoutTick])
const hostInput: v.GenericSchema<HostInput> = v.variant('kind', [v.strictObject(tick), withoutTick])

/** The schema of a stream of inputs. */
export const gameInputsSchema: v.GenericSchema<readonly GameInput[]> = v.array(
  v.pipe(
    v.custom<GameInput>(
      (value) => isRecord(value) && Number.isSafeInteger(value.tick) && (value.tick as number) >= 0,
      'an input and its tick',
    ),
    v.check(({ tick: _, ...input }) => v.is(hostInput, input), 'an input that a game can have'),
  ),
)

const hashes = v.custom<RecordingContent['hashes']>((value) => {
  let last = -1
  const isHash = (each: unknown): boolean => {
    const [ticks, hash, ...rest] = Array.isArray(each) ? each : []
    const isLater = Number.isSafeInteger(ticks) && ticks > last
    last = ticks
    return isLater && typeof hash === 'string' && rest.length === 0
  }
  return Array.isArray(value) && value.every(isHash)
}, 'hashes in the order of their ticks')

/** The schema of what a recording holds, whatever game it is of. */
export const recordingSchema: v.GenericSchema<RecordingContent> = v.pipe(
  v.strictObject({
    seed: wholeNumber(0),
    start: bytes,
    scripts: v.pipe(
      v.array(v.strictObject({ name: nonEmptyString, content, options: loadOptionsSchema, module: text })),
      v.check((scripts) => new Set(scripts.map(({ name }) => name)).size === scripts.length, 'scripts of different names'),
    ),
    inputs: v.array(input),
    hashes,
    callers: v.exactOptional(recordedCallersSchema),
    notes: v.custom<RecordingContent['notes']>(
      (value) => isRecord(value) && Object.values(value).every((note) => typeof note === 'string'),
      'texts by name',
    ),
  }),
  v.check(({ inputs, callers }) => callers === undefined || callers.ofInputs.length === inputs.length, 'one with a caller for each input'),
  v.check(({ inputs, hashes: taken }) => {
    const ticks = ticksOf(inputs)
    return ticks <= HASH_EVERY * taken.length && taken.at(-1)?.[0] === ticks
  }, `one with a hash for each ${HASH_EVERY} ticks, the last of them at its end`),
)

/** Returns the number of ticks in a recording. */
export function ticksOf(inputs: readonly RecordedInput[]): number {
  return inputs.reduce((sum, each) => sum + (each.kind === 'tick' ? each.times : 0), 0)
}

/** Returns whether a replay of the content reads nothing else: a manifest may name files and URLs. */
function holdsItsModules(content: ScriptContent): boolean {
  if (typeof content !== 'string' && isBinary(content)) return true
  const text = typeof content === 'string' ? content : new TextDecoder().decode(content)
  if (!isManifestText(text)) return true
  try {
    const { wasm } = parseJson(text) as { readonly wasm: readonly { readonly data?: unknown }[] }
    return wasm.every(({ data }) => typeof data === 'string')
  } catch {
    return false
  }
}
