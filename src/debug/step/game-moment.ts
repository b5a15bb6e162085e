import { describeEntity } from '../../ecs/entities/describe-entity.ts'
import type { Store } from '../../runtime/script/store.ts'
import { decodeModule } from '../../wasm/decode/decode.ts'
import type { PastParts } from '../past/past-parts.ts'
import type { Value } from './expression.ts'
import type { TickView } from './tick-view.ts'

/** The components of an entity with the values of their fields. */
export type EntityFields = Readonly<Record<string, Readonly<Record<string, number>>>>

/**
 * Resolves with the components of an entity at an event of a tick, which is an input: those that it had as the tick began or ended. `undefined` if
 * it did not exist.
 */
export async function readEntity(
  past: PastParts,
  number: number,
  view: TickView,
  index: number,
  entity: number,
): Promise<EntityFields | undefined> {
  const shadow = await past.goTo(past.momentOf(number), number)
  const before = describe(shadow.store, entity)
  await shadow.playTo(number + 1)
  const after = describe(shadow.store, entity)
  if (before === undefined && after === undefined) return undefined
  return Object.fromEntries(
    Object.entries({ ...after, ...before }).map(([component, fields]) => [
      component,
      Object.fromEntries(
        Object.entries(fields).map(([field, value]) => [field, view.trace.field(index, `${component}.${field}`, entity) ?? value]),
      ),
    ]),
  )
}

/** Resolves with the mutable globals of a script as a tick began, by name. With an instance for each entity, those of an entity. */
export async function readGlobals(
  past: PastParts,
  number: number,
  script: string,
  entity: number | undefined,
): Promise<Readonly<Record<string, Value>>> {
  const { store } = await past.goTo(past.momentOf(number), number)
  const running = store.scripts.find(({ name }) => name === script)?.running
  if (running === undefined || !running.generation.program.capabilities.snapshot) return {}
  const instance = (entity === undefined ? undefined : running.entityInstances.get(entity)) ?? running.instance
  const { globals } = instance.state.save()
  const { names, exports } = decodeModule(running.generation.program.source.bytes)
  return Object.fromEntries(
    [...globals].flatMap(([global, { value }]) => {
      if (typeof value !== 'number' && typeof value !== 'bigint') return []
      const exported = exports.find(({ kind, index }) => kind === 'global' && index === global)
      return [[names.globals.get(global) ?? exported?.name ?? `global ${global}`, value]]
    }),
  )
}

function describe({ ecs }: Store, entity: number): EntityFields | undefined {
  const { byName, relations } = ecs.components
  const components = Object.fromEntries([...byName.values()].map(({ name, component }) => [name, component]))
  return describeEntity(ecs.world, components, entity, Object.fromEntries(relations.byName))
}
