import { bytesOf } from '../../bytes.ts'
import { exportFields } from '../../ecs/image/portable-fields.ts'
import { exportWorld } from '../../ecs/image/portable-world.ts'
import { describeThrown, ScriptError } from '../../errors.ts'
import type { Store } from '../script/store.ts'
import { encode } from './codec.ts'
import { namingOf, type Without } from './component-names.ts'
import { type EnvelopeKind, HEADER_BYTES, seal } from './envelope.ts'
import { exportScript } from './export-script.ts'
import type { GameImage } from './game-image.ts'
import type { PortableGame } from './game-schema.ts'

/** The kind of file that a snapshot is. */
export const KIND: EnvelopeKind = { name: 'snapshot', magic: 'bitsnap\n', version: 5, bytewise: 4 }

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
    queries: [...world.queries.values()].map(({ terms, members, leaving }) => [terms, bytesOf(members.read()), bytesOf(leaving.read())]),
    fields: exportFields(image.fields.filter(({ name }) => isKept(name))),
    deaths: bytesOf(image.deaths.read()),
    states: [...image.states],
    ...(image.messages.nextId > 1 || image.messages.waiting.length > 0
      ? { messages: [image.messages.nextId, image.messages.waiting] }
      : {}),
    ...(image.nextCall > 0 && { nextCall: image.nextCall }),
    events: image.events.map(({ name, args, script }) => [name, args, script ?? null]),
    scripts: image.scripts.map((script) => exportScript(store, script)),
  }
  let bytes: Uint8Array<ArrayBuffer>
  try {
    bytes = encode(content, HEADER_BYTES)
  } catch (cause) {
    throw new ScriptError('InvalidOptions', `a field or an event holds a value that a file cannot hold: ${describeThrown(cause)}`, {
      cause,
    })
  }
  return seal(bytes, KIND)
}

function schemaOf({ ecs }: Store, isKept: (name: string) => boolean): PortableGame['schema'] {
  return Object.fromEntries(
    [...ecs.components.byName]
      .filter(([name]) => isKept(name))
      .map(([name, { columns }]) => [name, Object.fromEntries([...columns].map(([field, { type }]) => [field, type]))]),
  )
}
