import * as v from 'valibot'
import { type AnyTypedArray, isTypedArray } from '../../bytes.ts'
import type { SavedState } from '../../ecs/entities/script-state.ts'
import { bytes, type WorldContent, words, worldEntries } from '../../ecs/image/world-schema.ts'
import { ERROR_SENTENCES, type ErrorCode } from '../../errors.ts'
import { anything, boolean, isRecord, MAX_COUNT, nonEmptyString, string, wholeNumber } from '../../options.ts'
import type { Message } from '../script/message.ts'

/** The content of a snapshot's file. */
export interface PortableGame extends WorldContent {
  /** The fields of components and their types, by name. */
  readonly schema: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** The names of relations. */
  readonly relations: readonly string[]
  readonly tick: number
  readonly time: number
  /** The states that scripts saved, by the entity of the script. */
  readonly states: readonly (readonly [entity: number, state: SavedState | undefined])[]
  readonly events: readonly (readonly [name: string, args: readonly (number | bigint)[], script: string | null])[]
  /** The number of the next request, and the messages that wait. */
  readonly messages?: readonly [nextId: number, waiting: readonly Message[]]
  /** The number of the next call of a worker, or job. */
  readonly nextCall?: number
  readonly scripts: readonly PortableScript[]
}

export interface PortableScript {
  readonly name: string
  /** A checksum of its module. */
  readonly module: string
  readonly arenaEnd: number
  readonly generation: number
  readonly status: 'active' | 'faulted'
  readonly fault: readonly [code: ErrorCode, detail: string] | null
  readonly entity: number
  readonly entityVersion: number
  readonly random: Uint8Array
  /** The versions, plus one, of the entities that the script was notified of. */
  readonly told: Uint8Array
  readonly changed: readonly number[]
  /** What its hooks have yet to be called for, and for each hook on a change the last values and the entities that are new. */
  readonly hooks?: readonly [waiting: readonly number[], columns: readonly (readonly [values: HookValues, fresh: readonly number[]])[]]
  /** The config that `configure` gave it, in a list. */
  readonly config?: readonly [unknown]
  /** What services hold of it: `PortableServices`, which is checked where they are restored. */
  readonly services?: unknown
  readonly restarts?: readonly number[]
  readonly paused?: true
  readonly results: readonly (readonly [terms: string, entities: Uint8Array, isFresh: boolean])[]
  readonly own: PortableInstance
  readonly entities: readonly (readonly [entity: number, PortableInstance])[]
  /** The result of `get_state` in a list. */
  readonly state: readonly [unknown] | null
  readonly stateVersion: number
}

/** The values of a field. */
export type HookValues = Exclude<AnyTypedArray, BigInt64Array | BigUint64Array>

/** The state of an instance. The instance itself knows whether it fits. */
export interface PortableInstance {
  readonly memories: readonly (readonly Uint8Array[])[]
  readonly globals: readonly (readonly [index: number, PortableCell])[]
  readonly vectors: readonly (readonly [index: number, lanes: readonly [bigint, bigint]])[]
  readonly tables: readonly (readonly PortableCell[])[]
  readonly variables?: readonly (readonly [name: string, value: Uint8Array])[]
  readonly linked?: readonly (readonly [name: string, instance: PortableInstance])[]
  readonly scratchPages?: number
}

/** A number as it is, a function as a list with its index, any other reference as `null`. */
export type PortableCell = number | bigint | null | readonly [functionIndex: number]

const text = string('a text')
/** A version, a place or a count. */
const count = wholeNumber(0, MAX_COUNT)
const finite = v.custom<number>(Number.isFinite, 'a number')
const entity = wholeNumber(0, 2 ** 32 - 1)
const entities = v.custom<readonly number[]>(
  (value) => Array.isArray(value) && value.every((each) => Number.isInteger(each) && each >= 0 && each < 2 ** 32),
  'a list of entities',
)
const numbers = v.custom<readonly (number | bigint)[]>(
  (value) => Array.isArray(value) && value.every((each) => typeof each === 'number' || typeof each === 'bigint'),
  'a list of numbers',
)

function isCell(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 1 && Number.isSafeInteger(value[0]) && value[0] >= 0
  return value === null || typeof value === 'number' || typeof value === 'bigint'
}

const cell = v.custom<PortableCell>(isCell, 'the value of a global')
const cells = v.custom<readonly PortableCell[]>((value) => Array.isArray(value) && value.every(isCell), 'the elements of a table')
const lane = v.custom<bigint>((value) => typeof value === 'bigint', 'an i64')

const instance: v.GenericSchema<PortableInstance> = v.strictObject({
  memories: v.array(v.array(bytes)),
  globals: v.array(v.strictTuple([count, cell])),
  vectors: v.array(v.strictTuple([count, v.strictTuple([lane, lane])])),
  tables: v.array(cells),
  variables: v.exactOptional(v.array(v.strictTuple([text, bytes]))),
  linked: v.exactOptional(v.array(v.strictTuple([text, v.lazy(() => instance)]))),
  scratchPages: v.exactOptional(wholeNumber(0, 65_536)),
})

const hookValues = v.custom<HookValues>(
  (value) => isTypedArray(value) && !(value instanceof BigInt64Array || value instanceof BigUint64Array),
  'the values of a field',
)

const savedState: v.GenericSchema<SavedState> = v.strictObject({
  state: anything,
  version: v.exactOptional(finite),
  generation: wholeNumber(1, MAX_COUNT),
})

const parties = { to: nonEmptyString, from: v.nullable(nonEmptyString), data: anything }
const message: v.GenericSchema<Message> = v.variant('kind', [
  v.strictObject({ kind: v.literal('message'), ...parties, topic: nonEmptyString, id: v.exactOptional(wholeNumber(1)) }),
  v.strictObject({ kind: v.literal('reply'), ...parties, id: wholeNumber(1) }),
]) as v.GenericSchema<unknown> as v.GenericSchema<Message>

const script: v.GenericSchema<PortableScript> = v.pipe(
  v.strictObject({
    name: nonEmptyString,
    module: text,
    arenaEnd: count,
    generation: wholeNumber(1, MAX_COUNT),
    status: v.picklist(['active', 'faulted']),
    fault: v.nullable(v.strictTuple([v.picklist(Object.keys(ERROR_SENTENCES) as ErrorCode[]), text])),
    entity,
    entityVersion: entity,
    random: v.pipe(
      words,
      v.check(({ length }) => length === 16, '16 bytes'),
    ),
    told: words,
    changed: entities,
    hooks: v.exactOptional(v.strictTuple([entities, v.array(v.strictTuple([hookValues, entities]))])),
    config: v.exactOptional(v.strictTuple([anything])),
    services: v.exactOptional(anything),
    restarts: v.exactOptional(v.array(count)),
    paused: v.exactOptional(v.literal(true)),
    results: v.array(v.strictTuple([nonEmptyString, words, boolean])),
    own: instance,
    entities: v.array(v.strictTuple([entity, instance])),
    state: v.nullable(v.strictTuple([anything])),
    stateVersion: finite,
  }),
  v.check(({ status, fault }) => (status === 'faulted') === (fault !== null), "the fault of a script that is 'faulted'"),
)

/** The schema of a {@link PortableGame}, whatever game it is of. What the file refers to is checked against a game later. */
export const gameSchema: v.GenericSchema<PortableGame> = v.strictObject({
  schema: v.custom<PortableGame['schema']>((value) => isRecord(value) && Object.values(value).every(isRecord), 'the fields of components'),
  relations: v.array(nonEmptyString),
  tick: count,
  time: v.custom<number>((value) => Number.isFinite(value) && (value as number) >= 0, 'a number of seconds'),
  ...worldEntries,
  states: v.array(v.strictTuple([entity, v.optional(savedState)])),
  events: v.array(v.strictTuple([nonEmptyString, numbers, v.nullable(nonEmptyString)])),
  messages: v.exactOptional(v.strictTuple([wholeNumber(1, MAX_COUNT), v.array(message)])),
  nextCall: v.exactOptional(count),
  scripts: v.array(script),
})
