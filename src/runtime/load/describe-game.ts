import type { FieldType } from '../../abi/types.ts'
import type { Program } from '../../guest/guest.ts'
import { columnPrice } from '../../host/modules/ecs-fields.ts'
import { storeOf } from '../script/store.ts'

/** A component, as scripts name it. */
export interface DescribedComponent {
  /** The name of the component. */
  readonly name: string
  /** Its fields that are numbers, in order. */
  readonly fields: readonly DescribedField[]
}

/** A field of a component. */
export interface DescribedField {
  /** The name of the field. */
  readonly name: string
  /** The type of the field. */
  readonly type: FieldType
  /** Units of fuel that reading or writing it costs beside the `call` instruction. */
  readonly price: number
}

/** What a loaded script imports. */
export interface ScriptImport {
  /** The import module. */
  readonly module: string
  /** The name in that module. */
  readonly name: string
  /** The core types of its parameters. */
  readonly params: readonly string[]
  /** The core types of its results. */
  readonly results: readonly string[]
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
  /** The names of the loaded scripts, sorted. */
  readonly scripts: readonly string[]
  /** The functions that loaded scripts import, sorted by module, name and type: each once. Those of components are left out. */
  readonly imports: readonly ScriptImport[]
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
      fields: [...columns.values()].map((column) => ({ name: column.field, type: column.type, price: columnPrice(column) })),
    })),
    relations: [...ecs.components.relations.byName.keys()],
    hostFunctions: new Map(Object.entries(options.host).map(([module, functions]) => [module, Object.keys(functions)])),
    events: new Map([...events].sort(([one], [other]) => (one < other ? -1 : 1))),
    scripts: [...scripts].map(({ name }) => name).sort(),
    imports: importsOf([...scripts].flatMap(({ running }) => running?.generation.program ?? [])),
  }
}

/** The type of an imported function, as descriptions of modules write it. Components describe types of WIT. */
const FUNCTION_TYPE = /^\(([^)]*)\) → (?:\(([^)]*)\)|(\w+))$/

function importsOf(programs: readonly Program[]): readonly ScriptImport[] {
  const found = new Map<string, ScriptImport>()
  for (const { module = '', name, type } of programs.flatMap((program) => program.describe().imports)) {
    const [isFunction, params = '', several = '', single = several] = FUNCTION_TYPE.exec(type) ?? []
    const key = JSON.stringify([module, name, type])
    if (isFunction !== undefined) found.set(key, { module, name, params: typesIn(params), results: typesIn(single) })
  }
  return [...found].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, each]) => each)
}

function typesIn(list: string): readonly string[] {
  return list === '' ? [] : list.split(', ')
}
