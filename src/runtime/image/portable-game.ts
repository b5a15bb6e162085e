import { ArrayCopy, type ArrayImage } from '../../array-image.ts'
import { type AnyTypedArray, bytesOf, isTypedArray, TYPED_ARRAYS, type TypedArrayName, typeNameOf } from '../../bytes.ts'
import { pairOf, parsePair } from '../../ecs/components/relations.ts'
import { type FieldImage, type FieldImages, withNewFields } from '../../ecs/image/field-image.ts'
import { exportWorld, importWorld, type PortableWorld } from '../../ecs/image/portable-world.ts'
import { describeThrown, type ErrorCode, ScriptError } from '../../errors.ts'
import type { GuestInstance } from '../../guest/guest.ts'
import type { CellImage, InstanceImage } from '../../wasm/instance/instance-state.ts'
import type { ScriptId } from '../api/script-info.ts'
import type { Running } from '../script/generation.ts'
import type { Store } from '../script/store.ts'
import { decode, encode } from './codec.ts'
import { componentsOf, namesOf, namingOf, type Without } from './component-names.ts'
import { checksum, type EnvelopeKind, openEnvelope, wrap } from './envelope.ts'
import type { GameImage, HeldInstance, ScriptImage } from './game-image.ts'
import { readStateOfCopy } from './script-image.ts'

const KIND: EnvelopeKind = { name: 'snapshot', magic: 'bitsnap\n', version: 4 }

type Plain = Record<string, unknown>

/** The content of a snapshot's file, before it is resolved against the components and scripts of a game. */
export interface PortableGame {
  readonly tick: number
  readonly time: number
  readonly content: Plain
}

/**
 * Encodes an image as bytes that any process with the same components can restore. Throws `InvalidOptions` for values that
 * cannot be encoded, and for components without a name that `without` does not name.
 */
export function exportGame(store: Store, image: GameImage, without: Without = []): Uint8Array<ArrayBuffer> {
  const naming = namingOf(store, image, without)
  const world = exportWorld(store.ecs.world, image.world, naming)
  const isKept = (name: string): boolean => !naming.isNameLeftOut(name)
  const content = {
    schema: schemaOf(store, isKept),
    relations: [...store.ecs.components.relations.byName.keys()].filter(isKept),
    tick: image.tick,
    time: image.time,
    alive: world.alive,
    maxId: world.maxId,
    ids: bytesOf(world.ids.read()),
    births: [world.births.count, world.births.numbers.read()],
    owners: [...world.owners],
    names: world.names,
    order: bytesOf(world.order.read()),
    related: bytesOf(world.related.read()),
    queries: [...world.queries].map(([key, { members, leaving }]) => [key, bytesOf(members.read()), bytesOf(leaving.read())]),
    fields: image.fields
      .filter(({ name }) => isKept(name))
      .map(({ name, fields }) => [name, [...fields].map(([field, value]) => [field, exportField(value)])]),
    deaths: bytesOf(image.deaths.read()),
    states: [...image.states],
    events: image.events.map(({ name, args, script }) => [name, args, script ?? null]),
    scripts: image.scripts.map((script) => exportScript(store, script)),
  }
  let payload: Uint8Array
  try {
    payload = encode(content)
  } catch (cause) {
    throw new ScriptError('InvalidOptions', `a field or an event holds a value that a file cannot hold: ${describeThrown(cause)}`, {
      cause,
    })
  }
  return wrap(payload, KIND)
}

/** Decodes the result of {@link exportGame}. Throws `LoadFailed` for other bytes, and for a truncated or damaged file. */
export function openGame(bytes: Uint8Array): PortableGame {
  const content = decode(openEnvelope(bytes, KIND)) as Plain
  return { tick: content.tick as number, time: content.time as number, content }
}

/** Resolves a file to an image of this game, without changing the game. Throws `StateRejected` if the components differ. */
export function importGame(store: Store, { content, tick, time }: PortableGame): GameImage {
  checkSchema(store, content.schema as Plain, content.relations as string[], content.maxId as number)
  const names = content.names as string[]
  const fieldsByName = content.fields as [string, [string, Plain][]][]
  checkTargets(store, [...names, ...fieldsByName.map(([name]) => name)], content.maxId as number)
  const portable: PortableWorld = {
    alive: content.alive as number,
    maxId: content.maxId as number,
    ids: integers(content.ids),
    births: birthsOf(content.births as [number, Float64Array]),
    owners: new Map(content.owners as [string, Uint8Array][]),
    names,
    order: integers(content.order),
    related: integers(content.related),
    queries: new Map(
      (content.queries as [string, unknown, unknown][]).map(([key, members, leaving]) => [
        key,
        { members: integers(members), leaving: integers(leaving) },
      ]),
    ),
  }
  const world = importWorld(store.ecs.world, portable, namesOf(store), componentsOf(store))
  const fields = fieldsByName.map(([name, values]): FieldImages => {
    return { name, fields: new Map(values.map(([field, value]) => [field, importField(value)])) }
  })
  checkPairData(store, fields)
  return {
    tick,
    time,
    world,
    fields: withNewFields(store.ecs.components, fields),
    deaths: integers(content.deaths),
    states: new Map(content.states as [number, never][]),
    events: (content.events as [string, (number | bigint)[], string | null][]).map(([name, args, script]) => ({
      name,
      args,
      ...(script !== null && { script }),
    })),
    scripts: (content.scripts as Plain[]).map((script) => importScript(store, script)),
  }
}

function schemaOf({ ecs }: Store, isKept: (name: string) => boolean): Plain {
  return Object.fromEntries(
    [...ecs.components.byName]
      .filter(([name]) => isKept(name))
      .map(([name, { columns }]) => [name, Object.fromEntries([...columns].map(([field, { type }]) => [field, type]))]),
  )
}

function refuse(what: string): never {
  throw new ScriptError(
    'StateRejected',
    `the snapshot is of another game: ${what}. Use a snapshot of a game that has no other components, fields and relations than this one`,
  )
}

/** Throws `StateRejected` for a pair with an entity that the file cannot have: bitECS keeps every pair that is made for ever. */
function checkTargets({ ecs }: Store, names: readonly string[], maxId: number): void {
  for (const name of names) {
    const target = parsePair(ecs.components.relations, name)?.target
    if (typeof target === 'number' && target > maxId) refuse(`${name} has an entity as its target that it has not`)
  }
}

/** Throws `StateRejected` if the data of a pair have other types than here. */
function checkPairData({ ecs }: Store, images: readonly FieldImages[]): void {
  const { byName, relations } = ecs.components
  for (const { name, fields } of images) {
    const parts = byName.has(name) ? undefined : parsePair(relations, name)
    if (parts === undefined) continue
    const pair = pairOf(parts) as unknown as Plain
    for (const [field, image] of fields) {
      const current = pair[field]
      const [there, here] = [
        image.kind === 'typed' ? image.values.type : 'no typed array',
        isTypedArray(current) ? typeNameOf(current) : 'no typed array',
      ]
      if (there !== here) refuse(`${name}.${field} is ${there} there and ${here} here`)
    }
  }
}

function checkSchema(store: Store, schema: Plain, relations: readonly string[], maxId: number): void {
  for (const [name, fields] of Object.entries(schema)) {
    const known = store.ecs.components.byName.get(name)
    if (known === undefined) refuse(`it has the component '${name}'`)
    for (const [field, type] of Object.entries(fields as Plain)) {
      const here = known?.columns.get(field)?.type
      if (here !== type) refuse(`${name}.${field} is ${type} there and ${here ?? 'nothing'} here`)
    }
  }
  for (const name of relations) if (!store.ecs.components.relations.byName.has(name)) refuse(`it has the relation '${name}'`)
  if (maxId >= store.ecs.components.capacity) refuse(`it has entities up to ${maxId}, and the capacity is ${store.ecs.components.capacity}`)
}

function exportField(field: FieldImage): Plain {
  if (field.kind === 'typed') return exportValues(field.values.read())
  if (field.kind === 'sparse')
    return { kind: 'list', length: field.length, entries: [...field.values].map(([index, value]) => [String(index), value]) }
  if (field.kind === 'list') return { kind: 'list', length: field.values.length, entries: Object.entries(field.values) }
  return field.kind === 'kept' ? { kind: 'kept' } : { kind: 'value', value: field.value }
}

function exportValues(values: AnyTypedArray): Plain {
  return { kind: 'typed', type: typeNameOf(values), length: values.byteLength, bytes: withoutZeros(bytesOf(values)) }
}

function importField(field: Plain): FieldImage {
  if (field.kind === 'typed')
    return {
      kind: 'typed',
      values: new ArrayCopy(typedArray(field.type as TypedArrayName, ownBuffer(field.bytes, field.length as number))),
    }
  if (field.kind === 'kept') return { kind: 'kept' }
  if (field.kind === 'value') return { kind: 'value', value: field.value }
  const values: unknown[] = []
  values.length = field.length as number
  for (const [index, value] of field.entries as [string, unknown][]) values[Number(index)] = value
  return { kind: 'list', values }
}

function exportScript(store: Store, image: ScriptImage): Plain {
  const { own, entities, fault, attachment } = image
  return {
    name: image.name,
    module: fingerprint(image),
    arenaEnd: arenaEndOf(image),
    generation: image.generationNumber,
    status: image.status,
    fault: fault === undefined ? null : [fault.code, fault.detail],
    entity: image.entity,
    entityVersion: image.entityVersion,
    random: bytesOf(image.random),
    told: bytesOf(attachment.told.read()),
    changed: attachment.changed,
    results: [...image.results].map(([key, { entities: found, isFresh }]) => [key, bytesOf(found.read()), isFresh]),
    own: exportInstance(own.image),
    entities: [...entities].map(([entity, { image: held }]) => [entity, exportInstance(held)]),
    state: readState(store, image),
    stateVersion: image.metadata?.state_version ?? 0,
  }
}

/** Returns the result of `get_state`, in an array, for a game with other code; `null` if there is none. */
function readState(store: Store, image: ScriptImage): readonly unknown[] | null {
  const script = store.scripts.find(({ id }) => id === image.id)
  const { generation } = image
  if (script === undefined || generation === undefined || image.own.instance?.roles.getState !== true) return null
  try {
    return [readStateOfCopy(store, script, generation, image.own.image)]
  } catch {
    return null
  }
}

function importScript(store: Store, plain: Plain): ScriptImage {
  const script = store.scripts.find(({ name }) => name === plain.name)
  const running = script?.running
  const isSame = running !== undefined && fingerprint(running) === plain.module && fitsMemory(running, plain)
  const generation = isSame ? running.generation : undefined
  const hold = (content: Plain, instance: GuestInstance | undefined): HeldInstance => ({ instance, image: importInstance(content) })
  const fault = plain.fault as [ErrorCode, string] | null
  return {
    id: script?.id ?? (0 as ScriptId),
    name: plain.name as string,
    generation,
    generationNumber: plain.generation as number,
    status: plain.status as ScriptImage['status'],
    fault: fault === null ? undefined : new ScriptError(fault[0], fault[1], { script: plain.name as string }),
    metadata: running?.metadata,
    url: script?.url,
    entity: plain.entity as number,
    entityVersion: plain.entityVersion as number,
    random: words(plain.random),
    attachment: { told: integers(plain.told), changed: plain.changed as number[] },
    results: new Map(
      (plain.results as [string, unknown, boolean][]).map(([key, found, isFresh]) => [key, { entities: integers(found), isFresh }]),
    ),
    own: hold(plain.own as Plain, running?.instance),
    entities: new Map((plain.entities as [number, Plain][]).map(([entity, content]) => [entity, hold(content, undefined)])),
    ...(Array.isArray(plain.state) && { state: plain.state[0], stateVersion: (plain.stateVersion ?? 0) as number }),
  }
}

function exportInstance({ memories, globals, vectors, tables }: InstanceImage): Plain {
  return {
    memories: memories.map((parts) => parts.map((part) => part.read())),
    globals: [...globals].map(([index, cell]) => [index, exportCell(cell)]),
    vectors: [...vectors],
    tables: tables.map((cells) => cells.map(exportCell)),
  }
}

function importInstance({ memories, globals, vectors, tables }: Plain): InstanceImage {
  return {
    of: {},
    memories: (memories as Uint8Array[][]).map((parts) => parts.map((part) => new ArrayCopy(part))),
    globals: new Map((globals as [number, unknown][]).map(([index, cell]) => [index, importCell(cell)])),
    vectors: new Map(vectors as [number, bigint[]][]),
    tables: (tables as unknown[][]).map((cells) => cells.map(importCell)),
  }
}

/** Encodes a number as it is, a function as a list with its index, and any other reference as `null`. */
function exportCell({ value, functionIndex }: CellImage): unknown {
  if (functionIndex !== undefined) return [functionIndex]
  return typeof value === 'number' || typeof value === 'bigint' ? value : null
}

function importCell(cell: unknown): CellImage {
  return Array.isArray(cell) ? { value: null, functionIndex: cell[0] as number } : { value: cell }
}

function arenaEndOf({ generation }: Pick<ScriptImage, 'generation'>): number {
  return generation?.program.arenaEnd ?? 0
}

/**
 * Returns whether grown memories have the same addresses in the file and in this game: memory past the host arena does not
 * if `limits.jsonBytes`, the size of the arena, differs.
 */
function fitsMemory(running: Running, { arenaEnd, own, entities }: Plain): boolean {
  const instances = [own, ...(entities as [number, Plain][]).map(([, content]) => content)] as Plain[]
  return arenaEnd === arenaEndOf(running) || instances.every(({ memories }) => (memories as unknown[][]).every(({ length }) => length < 2))
}

/** Returns a checksum that identifies the code of a script. */
export function fingerprint({ generation }: Pick<ScriptImage, 'generation'>): string {
  return generation === undefined ? '' : checksum(generation.program.source.bytes)
}

function birthsOf([count, numbers]: readonly [number, Float64Array]): PortableWorld['births'] {
  return { count, numbers: new ArrayCopy(numbers) }
}

/** Copies bytes of a file to a buffer of their own, where typed arrays are aligned. */
function ownBuffer(bytes: unknown, length: number = (bytes as Uint8Array).length): ArrayBuffer {
  const own = new Uint8Array(length)
  own.set(bytes as Uint8Array)
  return own.buffer
}

function typedArray(type: TypedArrayName, buffer: ArrayBuffer): AnyTypedArray {
  return new TYPED_ARRAYS[type](buffer)
}

/** Removes trailing zeros. Most of a column is zeros: the part past the last entity. */
function withoutZeros(bytes: Uint8Array): Uint8Array {
  let end = bytes.length
  while (end > 0 && bytes[end - 1] === 0) end--
  return bytes.subarray(0, end)
}

function integers(bytes: unknown): ArrayImage<Uint32Array> {
  return new ArrayCopy(words(bytes))
}

function words(bytes: unknown): Uint32Array {
  return new Uint32Array(ownBuffer(bytes))
}
