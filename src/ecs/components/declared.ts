import { query, removeComponent, type World } from 'bitecs'
import { ScriptError } from '../../errors.ts'
import { bytesOfColumn, type ComponentLayout, type ComponentSchema, checkComponent, columnAt, keepLayout } from './columns.ts'
import { type NamedComponent, type NamedComponents, nameDefined } from './components.ts'
import type { Allocation } from './reserve.ts'

/** A component that scripts declared, and the scripts that use it. */
interface Declared {
  readonly named: NamedComponent
  readonly key: string
  readonly columns: readonly Allocation[]
  users: number
}

/** Components that scripts declare, of one game. */
export class DeclaredComponents {
  readonly #set: NamedComponents
  readonly #byName = new Map<string, Declared>()
  /** Components that no script uses, by name and fields: bitECS never releases a component that was registered. */
  readonly #spare = new Map<string, Record<string, unknown>>()

  constructor(set: NamedComponents) {
    this.#set = set
  }

  /**
   * Adds a component to the set, with zeros in its columns. One that another script declared with the same fields is shared. Throws
   * `DuplicateName` for a name that is taken, `OutOfMemory` if the columns find no room, `InvalidOptions` for a wrong name.
   */
  add(name: string, schema: ComponentSchema): void {
    const key = `${name} ${JSON.stringify(schema)}`
    const known = this.#byName.get(name)
    if (known?.key === key) {
      known.users++
      return
    }
    const { byName, relations, reserve, capacity } = this.#set
    if (byName.has(name) || relations.byName.has(name)) {
      throw new ScriptError(
        'DuplicateName',
        `it declares the component '${name}', and there is ${known === undefined ? 'one of the game' : 'another'} with that name`,
      )
    }
    checkComponent(name, schema)
    if (reserve === undefined)
      throw new ScriptError('OutOfMemory', `it declares the component '${name}', which needs components made by defineComponents`)
    const columns: Allocation[] = []
    const component = this.#spare.get(key) ?? {}
    const fields = new Map<string, { type: ComponentSchema[string]; base: number }>()
    for (const [field, type] of Object.entries(schema)) {
      const column = reserve.allocate(bytesOfColumn(type, capacity))
      if (column === undefined) {
        for (const each of columns) reserve.free(each)
        throw new ScriptError('OutOfMemory', `the component '${name}' finds no room behind the columns; raise reserve in defineComponents`)
      }
      columns.push(column)
      fields.set(field, { type, base: column.address })
      const array = columnAt(reserve.memory, type, column.address, capacity)
      array.fill(0)
      component[field] = array
    }
    this.#spare.delete(key)
    const layout: ComponentLayout = { memory: reserve.memory, reserve, capacity, fields }
    keepLayout(component, layout)
    const named = nameDefined(name, component, layout)
    this.#byName.set(name, { named, key, columns, users: 1 })
    byName.set(name, named)
  }

  /** Gives back a component. When no script uses it, it is removed from all entities. `failed` is called with what observers throw. */
  release(world: World | undefined, name: string, failed: (cause: unknown) => void): void {
    const declared = this.#byName.get(name)
    if (declared === undefined || --declared.users > 0) return
    const { named, key, columns } = declared
    this.#byName.delete(name)
    this.#set.byName.delete(name)
    if (world !== undefined) {
      for (const entity of [...query(world, [named.component])]) {
        try {
          removeComponent(world, entity, named.component)
        } catch (cause) {
          failed(cause)
        }
      }
    }
    for (const column of columns) this.#set.reserve?.free(column)
    this.#spare.set(key, named.component as Record<string, unknown>)
  }
}
