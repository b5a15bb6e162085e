import { Not, query } from 'bitecs'
import { suggest } from '../../nearest-name.ts'
import { invalidOption } from '../../options.ts'
import type { RunningGame } from '../game/start-game.ts'
import { ColumnsEncoder } from './columns-encoder.ts'
import {
  type ColumnsOptions,
  checkColumnsOptions,
  describeFields,
  describeNear,
  describeOwn,
  type SyncedFields,
} from './columns-options.ts'
import type { Sync } from './sync.ts'

/**
 * Sends clients the fields that changed: what each may see, rounded as each field allows.
 *
 * @example
 * ```ts
 * sync = columns({ Position: q(1 / 16), Health: 'exact' }, { near: 500, own: ['Position', 'Velocity'] })
 * ```
 *
 * @throws {ScriptError} InvalidOptions; for names that the game does not have, when a room is created
 */
export function columns(fields: SyncedFields, options: ColumnsOptions = {}): Sync {
  checkColumnsOptions(fields, options)
  const { near, see, own } = options
  return Object.freeze<Sync>({
    kind: 'columns',
    open(source) {
      const { game, running } = source
      const components = describeFields(fields, game)
      const description = { kind: 'columns', capacity: game.capacity, components, own: describeOwn(own, components, game) } as const
      const select = options.query === undefined ? undefined : selection(options.query, running)
      return new ColumnsEncoder(source, description, near === undefined ? undefined : describeNear(near, game), see, select)
    },
  })
}

/** Returns a function that runs a query. Throws `InvalidOptions` for a component that there is not. */
function selection(text: string, { world, components }: RunningGame): () => ArrayLike<number> {
  const names = text.split(/\s+/).filter((term) => term !== '')
  if (names.length === 0) invalidOption("the query of columns() must name components, such as 'Position !Hidden'")
  const find = (name: string): object => {
    if (!Object.hasOwn(components, name)) invalidOption(`the query of columns() names '${name}'${suggest(name, Object.keys(components))}`)
    return (components as Readonly<Record<string, object>>)[name] as object
  }
  const terms = names.map((name) => (name.startsWith('!') ? Not(find(name.slice(1))) : find(name)))
  return () => query(world, terms)
}
