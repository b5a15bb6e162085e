import { ScriptError } from '../../errors.ts'
import type { GameDefinition } from '../game/define-game.ts'
import type { Hello } from '../sync/hello.ts'
import type { ColumnDescription } from '../sync/sync.ts'

/** The components that a frame can name. */
const MAX_COMPONENTS = 32

/** Throws `StateRejected` if a server describes a room that the game of this client cannot follow: a server that has the game describes it as it is. */
export function checkHello({ version, sync }: Hello, game: GameDefinition): void {
  if (version !== game.version) refuse(`it runs version ${version} of the game, and this client has ${game.version}`)
  if (sync.kind === 'inputs') return
  const { capacity, components, own } = sync
  if (capacity !== game.capacity) refuse(`it has room for ${capacity} entities, and the game for ${game.capacity}`)
  if (components.length > MAX_COMPONENTS) refuse(`it sends ${components.length} components`)
  const names = new Set(components.map(({ name }) => name))
  if (names.size !== components.length) refuse('it sends a component twice')
  for (const { name, columns } of components) {
    if (!Object.hasOwn(game.components, name)) refuse(`the game has no component '${name}'`)
    for (const column of columns) if (!column.field.startsWith(`${name}.`)) refuse(`'${column.field}' is no field of '${name}'`)
    checkColumns(columns, game)
  }
  checkColumns(own, game)
}

function checkColumns(columns: readonly ColumnDescription[], { components }: GameDefinition): void {
  for (const { field, type } of columns) {
    const [component = '', name = ''] = field.split('.')
    const fields = Object.hasOwn(components, component) ? (components[component] as Readonly<Record<string, string>>) : {}
    if (!Object.hasOwn(fields, name) || fields[name] !== type || field !== `${component}.${name}`)
      refuse(`the game has no field '${field}' of type ${type}`)
  }
  if (new Set(columns.map(({ field }) => field)).size !== columns.length) refuse('it sends a field twice')
}

function refuse(detail: string): never {
  throw new ScriptError('StateRejected', `the server described another room: ${detail}`)
}
