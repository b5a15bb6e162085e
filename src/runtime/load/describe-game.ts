import type { FieldType } from '../../abi/types.ts'
import { storeOf } from '../script/store.ts'

/** A component, as scripts name it. */
export interface DescribedComponent {
  /** The name of the component. */
  readonly name: string
  /** Its fields that are numbers, in order. */
  readonly fields: readonly { readonly name: string; readonly type: FieldType }[]
}

/** What the scripts of a game may import in addition to what every game has. */
export interface GameDescription {
  /** The components, in the order in which the game names them. */
  readonly components: readonly DescribedComponent[]
  /** The names of the relations. */
  readonly relations: readonly string[]
  /** The names of the game's host functions by their import module. */
  readonly hostFunctions: ReadonlyMap<string, readonly string[]>
  /**
   * The events that loaded scripts handle, sorted by name, each with the core types that its handlers take: one list for each handler that
   * differs from the others. A handler that takes the numbers as they are, as that of an Extism plugin does, adds none.
   */
  readonly events: ReadonlyMap<string, readonly (readonly string[])[]>
}

/**
 * Describes what the scripts of a runtime may import.
 *
 * @throws {ScriptError} InvalidOptions if the argument is not a runtime
 * @example
 * for (const { name, fields } of describeGame(runtime).components) console.log(name, fields)
 */
export function describeGame(runtime: object): GameDescription {
  const { ecs, options, scripts } = storeOf(runtime)
  const events = new Map<string, string[][]>()
  for (const { running } of scripts) {
    for (const [event, { params }] of running?.instance.roles.handlers ?? []) {
      const known = events.get(event) ?? []
      events.set(event, known)
      if (params !== undefined && !known.some((each) => each.join() === params.join())) known.push([...params])
    }
  }
  return {
    components: [...ecs.components.byName.values()].map(({ name, columns }) => ({
      name,
      fields: [...columns.values()].map(({ field, type }) => ({ name: field, type })),
    })),
    relations: [...ecs.components.relations.byName.keys()],
    hostFunctions: new Map(Object.entries(options.host).map(([module, functions]) => [module, Object.keys(functions)])),
    events: new Map([...events].sort(([one], [other]) => (one < other ? -1 : 1))),
  }
}
