import * as v from 'valibot'
import {
  ABI_VERSION,
  type ComponentsSchema,
  defineComponents,
  type HostContext,
  type HostModules,
  type Limits,
  type LoadOptions,
} from '../../index.ts'
import { writeJson } from '../../json.ts'
import { anything, boolean, checkOptions, invalidOption, isRecord, wholeNumber } from '../../options.ts'
import { hashOf } from './hash-of.ts'

/** Options of a relation of a game: those of bitECS's `createRelation` that are data. */
export interface GameRelation {
  /** Whether an entity has at most one target. @default false */
  readonly exclusive?: boolean
  /** Whether an entity is removed with its target. @default false */
  readonly autoRemoveSubject?: boolean
  /** The names of the numbers that each pair holds. @default [] */
  readonly data?: readonly string[]
}

/** A script of a game: its WAT text or its binary, alone or with the options that it is loaded with. */
export type GameScript = string | Uint8Array | ({ readonly source: string | Uint8Array } & Omit<LoadOptions, 'name'>)

/** Options of {@link defineGame}. */
export interface GameOptions<Schema extends ComponentsSchema = ComponentsSchema> {
  /** The components and their fields, as `defineComponents` takes them. */
  readonly components: Schema
  /** The number of entities that a room has space for, at most 1,048,576. @default 16_384 */
  readonly capacity?: number
  /** Bytes behind the columns of a room: see `DefineComponentsOptions.reserve`. @default 4_194_304 */
  readonly reserve?: number
  /** The relations by name. @default {} */
  readonly relations?: Readonly<Record<string, GameRelation>>
  /** The scripts by name, in the order in which they are loaded. */
  readonly scripts: Readonly<Record<string, GameScript>>
  /**
   * Host functions that scripts may import. The version has their names and the `version` of each module, not their code: change the
   * `version` of a module with what its functions do.
   * @default {}
   */
  readonly host?: HostModules<HostContext>
  /** The seed of the random numbers that scripts receive. @default 0 */
  readonly seed?: number
  /** Limits of the scripts. @default DEFAULT_LIMITS */
  readonly limits?: Partial<Limits>
}

/** A script of a {@link GameDefinition}. */
export interface DefinedScript {
  readonly name: string
  /** The binary, or the WAT text as UTF-8. */
  readonly bytes: Uint8Array
  readonly options: Omit<LoadOptions, 'name'>
}

/** A game that a server and its clients run: data, from which each room makes a runtime of its own. */
export interface GameDefinition<Schema extends ComponentsSchema = ComponentsSchema> {
  /** The SHA-256 of all that the game was defined by, as 64 hexadecimal digits: a client may join a room of the same version. */
  readonly version: string
  readonly components: Schema
  readonly capacity: number
  readonly reserve: number
  readonly relations: Readonly<Record<string, Required<GameRelation>>>
  readonly scripts: readonly DefinedScript[]
  readonly host: HostModules<HostContext>
  readonly seed: number
  readonly limits: Partial<Limits>
}

const MAX_CAPACITY = 2 ** 20
const utf8 = new TextEncoder()

const record = (wanted: string): v.GenericSchema<object> => v.custom<object>(isRecord, wanted)
const gameOptions = v.strictObject(
  {
    components: record('an object of components'),
    capacity: v.optional(wholeNumber(1, MAX_CAPACITY)),
    reserve: v.optional(wholeNumber(0)),
    relations: v.optional(record('an object of relations')),
    scripts: record('an object of scripts'),
    host: v.optional(record('an object of import modules')),
    seed: v.optional(wholeNumber(0)),
    limits: v.optional(record('an object of limits')),
  },
  'an object with at least { components, scripts }',
)
const relationOptions = v.strictObject(
  { exclusive: v.optional(boolean), autoRemoveSubject: v.optional(boolean), data: v.optional(v.array(v.string())) },
  'an object of options',
)
const scriptOptions = v.looseObject({ source: anything }, 'an object with source')

/**
 * Defines a game for rooms: the same definition on the server and in each client. Its `version` tells whether two of them are the same.
 *
 * @example
 * ```ts
 * export const game = defineGame({
 *   components: { Position: { x: 'f32', y: 'f32' }, Velocity: { x: 'f32', y: 'f32' } },
 *   scripts: { mover },
 *   seed: 7,
 * })
 * ```
 *
 * @throws {ScriptError} InvalidOptions for an option that is not known or not valid
 */
export function defineGame<const Schema extends ComponentsSchema>(options: GameOptions<Schema>): GameDefinition<Schema> {
  checkOptions(gameOptions, options, 'defineGame')
  const { components, capacity = 16_384, reserve = 4 * 1024 * 1024, relations = {}, scripts, host = {}, seed = 0, limits = {} } = options
  // Refuses names and types that no room could have.
  defineComponents(components, { capacity: 1, reserve: 0 })
  const definition = {
    components: freezeJson(components) as Schema,
    capacity,
    reserve,
    relations: Object.freeze(Object.fromEntries(Object.entries(relations).map(([name, given]) => [name, resolveRelation(name, given)]))),
    scripts: Object.freeze(Object.entries(scripts).map(([name, script]) => resolveScript(name, script))),
    host: Object.freeze({ ...host }),
    seed,
    limits: freezeJson(limits) as Partial<Limits>,
  }
  return Object.freeze({ version: versionOf(definition), ...definition })
}

function resolveRelation(name: string, given: GameRelation): Required<GameRelation> {
  checkOptions(relationOptions, given, `the relation '${name}'`)
  const { exclusive = false, autoRemoveSubject = false, data = [] } = given
  return Object.freeze({ exclusive, autoRemoveSubject, data: Object.freeze([...data]) })
}

function resolveScript(name: string, script: GameScript): DefinedScript {
  const isSource = typeof script === 'string' || script instanceof Uint8Array
  if (!isSource) checkOptions(scriptOptions, script, `the script '${name}'`)
  const { source, ...options } = isSource ? { source: script } : script
  if (typeof source !== 'string' && !(source instanceof Uint8Array))
    invalidOption(`the script '${name}' must be WAT text or bytes: read its file first, so that the game has a version at once`)
  if ('name' in options) invalidOption(`the script '${name}' has its key as its name: leave the option 'name' out`)
  const bytes = typeof source === 'string' ? utf8.encode(source) : source.slice()
  return Object.freeze({ name, bytes, options: freezeJson(options) as DefinedScript['options'] })
}

function versionOf(definition: Omit<GameDefinition, 'version'>): string {
  const { components, capacity, relations, scripts, host, seed, limits } = definition
  const described = {
    abi: ABI_VERSION,
    // Columns are sent in the order in which components and fields are defined.
    components: Object.entries(components).map(([name, fields]) => [name, Object.entries(fields)]),
    capacity,
    relations: sorted(relations),
    scripts: scripts.map(({ name, bytes, options }) => [name, hashOf(bytes), sorted(options)]),
    host: sorted(Object.fromEntries(Object.entries(host).map(([module, functions]) => [module, hostNames(functions)]))),
    seed,
    limits: sorted(limits),
  }
  return hashOf(utf8.encode(writeJson(described)))
}

function hostNames(functions: Readonly<Record<string, unknown>>): unknown {
  return Object.fromEntries(Object.entries(functions).map(([name, value]) => [name, typeof value === 'string' ? value : true]))
}

/** Returns JSON with the keys of its objects in order, so that equal options have equal text. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isRecord(value)) return value
  return Object.keys(value)
    .sort()
    .map((key) => [key, sorted(value[key])])
}

/** Returns a frozen copy of JSON. Throws `InvalidOptions` for what JSON cannot hold. */
function freezeJson(value: unknown): unknown {
  if (Array.isArray(value)) return Object.freeze(value.map(freezeJson))
  if (isRecord(value)) return Object.freeze(Object.fromEntries(Object.entries(value).map(([key, each]) => [key, freezeJson(each)])))
  if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint')
    invalidOption(`a game is data: an option of it is a ${typeof value}`)
  return value
}
