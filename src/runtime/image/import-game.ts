import { ArrayCopy, type ArrayImage } from '../../array-image.ts'
import { integersOf } from '../../bytes.ts'
import { layoutOf } from '../../ecs/components/columns.ts'
import { parsePair } from '../../ecs/components/relations.ts'
import { checkWorld, lastOf } from '../../ecs/image/check-world.ts'
import { withNewFields } from '../../ecs/image/field-image.ts'
import { importFields } from '../../ecs/image/portable-fields.ts'
import { importWorld, keyOfTerms, type PortableWorld } from '../../ecs/image/portable-world.ts'
import { refuseFile, refuseOther } from '../../ecs/image/refuse-file.ts'
import { ScriptError } from '../../errors.ts'
import { EventQueue, type GameEvent } from '../../host/services/event-queue.ts'
import { findMistake } from '../../options.ts'
import { MessageQueue, type MessagesImage } from '../script/message-queue.ts'
import { hasRoomIn } from '../script/message-room.ts'
import type { Store } from '../script/store.ts'
import { decode } from './codec.ts'
import { componentsOf, namesOf } from './component-names.ts'
import { openEnvelope } from './envelope.ts'
import { KIND } from './export-game.ts'
import type { GameImage } from './game-image.ts'
import { gameSchema, type PortableGame } from './game-schema.ts'
import { importScripts } from './import-script.ts'

/**
 * Decodes the result of `exportGame`. Throws `LoadFailed` for other bytes, and for a truncated or damaged file;
 * `StateRejected` for a content of another shape.
 */
export function openGame(bytes: Uint8Array): PortableGame {
  const content = decode(openEnvelope(bytes, KIND))
  const mistake = findMistake(gameSchema, content)
  if (mistake !== undefined) refuseFile(mistake)
  return content as PortableGame
}

/**
 * Resolves a file to an image of this game, without changing the game. Everything is checked here: the image can be restored
 * without a failure. Throws `StateRejected` for a file of another game, and for one with a state that no game can be in.
 */
export function importGame(store: Store, file: PortableGame): GameImage {
  const { ecs } = store
  checkSchema(store, file)
  checkPairs(store, file)
  const portable: PortableWorld = {
    alive: file.alive,
    maxId: file.maxId,
    ids: integers(file.ids),
    births: { count: file.births[0], numbers: new ArrayCopy(file.births[1]) },
    owners: new Map(file.owners),
    names: file.names,
    order: integers(file.order),
    related: integers(file.related),
    queries: new Map(
      file.queries.map(([terms, members, leaving]) => [
        keyOfTerms(terms),
        { terms, members: integers(members), leaving: integers(leaving) },
      ]),
    ),
  }
  const marks = checkWorld(portable)
  const deaths = integers(file.deaths)
  if (deaths.length > file.maxId + 1) refuseFile('it has versions of entities past the greatest')
  const checked = {
    tick: file.tick,
    time: file.time,
    fields: withNewFields(ecs.components, importFields(file.fields, ecs.components, file.maxId)),
    deaths,
    states: new Map(file.states),
    events: importEvents(file),
    messages: importMessages(store, file),
    nextCall: file.nextCall ?? 0,
    scripts: importScripts(store, file, portable, marks),
  }
  // This comes last: bitECS never releases a pair.
  return { ...checked, world: importWorld(ecs.world, portable, namesOf(store), componentsOf(store)) }
}

function importEvents({ events }: PortableGame): readonly GameEvent[] {
  const named = events.map(([name, args, script]): GameEvent => ({ name, args, ...(script !== null && { script }) }))
  try {
    new EventQueue().restore(named)
  } catch (error) {
    refuseFile(error instanceof ScriptError ? error.detail : 'its events do not fit')
  }
  return named
}

function importMessages({ scripts, options }: Store, { messages: [nextId, waiting] = [1, []] }: PortableGame): MessagesImage {
  const known = new Map(scripts.map((script) => [script.name, script.options.limits]))
  const queue = new MessageQueue()
  for (const message of waiting) {
    if (!hasRoomIn(queue, message, known.get(message.to) ?? options.limits))
      refuseOther(`the messages to '${message.to}' do not fit`, 'Raise limits.messages or limits.jsonBytes')
    queue.push(message)
  }
  return { nextId, waiting }
}

function checkSchema({ ecs }: Store, { schema, relations, owners }: PortableGame): void {
  const { byName, capacity, relations: known } = ecs.components
  for (const [name, fields] of Object.entries(schema)) {
    const component = byName.get(name)
    if (component === undefined) refuseOther(`it has the component '${name}'`)
    for (const [field, type] of Object.entries(fields)) {
      const here = component?.columns.get(field)?.type
      if (here !== type) refuseOther(`${name}.${field} is ${type} there and ${here ?? 'nothing'} here`)
    }
  }
  for (const name of relations) if (!known.byName.has(name)) refuseOther(`it has the relation '${name}'`)
  for (const [name, bits] of owners) {
    const component = byName.get(name)?.component
    // Entities past the capacity are fine where no column needs to hold them.
    const past = component === undefined || layoutOf(component) === undefined ? undefined : lastOf(bits, capacity)
    if (past !== undefined)
      refuseOther(`the entity ${past} has the component '${name}', and the capacity is ${capacity}`, 'Raise capacity in defineComponents')
  }
}

/** Throws `StateRejected` for a pair with an entity that the file cannot have, and for one that is owned as components are. */
function checkPairs({ ecs }: Store, { names, fields, owners, maxId }: PortableGame): void {
  const { byName, relations } = ecs.components
  for (const name of [...names, ...fields.map(([component]) => component)]) {
    const target = parsePair(relations, name)?.target
    if (typeof target === 'number' && target > maxId) refuseFile(`${name} has an entity as its target that it has not`)
  }
  for (const [name] of owners) if (!byName.has(name) && parsePair(relations, name) !== undefined) refuseFile(`${name} is no component`)
}

function integers(bytes: Uint8Array): ArrayImage<Uint32Array> {
  return new ArrayCopy(integersOf(bytes))
}
