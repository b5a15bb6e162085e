import * as v from 'valibot'
import { suggest } from '../../nearest-name.ts'
import { callable, checkOptions, invalidOption, isRecord, oneOf, positive } from '../../options.ts'
import type { GameDefinition } from '../game/define-game.ts'
import type { RunningGame } from '../game/start-game.ts'
import type { ColumnDescription, ComponentDescription, Seat } from './sync.ts'

/** How exactly a field is sent: what {@link q} returned, or `'exact'`. */
export type Precision = 'exact' | { readonly step: number }

/** The fields that clients get, by component: each field alone, or all fields of the component at once. A tag is `'exact'`. */
export type SyncedFields = Readonly<Record<string, Precision | Readonly<Record<string, Precision>>>>

/** Entities around the own one. */
export interface NearOptions {
  /** How far a seat sees. */
  readonly radius: number
  /** The field with the first coordinate. @default 'Position.x' */
  readonly x?: string
  /** The field with the second coordinate. @default 'Position.y' */
  readonly y?: string
}

/** Options of `columns()`: who sees what. A seat always sees its own entity, if that matches `query`. */
export interface ColumnsOptions {
  /**
   * Shows a seat the entities within a distance of its own, or of where that was last. A number is the radius. Where `quota.bytes` has no room for all,
   * the nearest come first.
   * @default all entities
   */
  readonly near?: number | NearOptions
  /** Sends entities that match: names of components, those to leave out with a `!`, such as `Position !Hidden`. @default any of the fields' components */
  readonly query?: string
  /** Returns whether a seat sees an entity. It is called for each entity near the seat in each patch, so it must be quick. @default true */
  readonly see?: (seat: Seat, entity: number, running: RunningGame) => boolean
  /**
   * What a seat gets of its own entity exactly, in each patch, to predict it: names of components or of fields, of any component of the game; `true` is
   * all that `fields` has.
   * @default nothing
   */
  readonly own?: true | readonly string[]
}

const nearOptions = v.strictObject({ radius: positive, x: v.optional(v.string()), y: v.optional(v.string()) }, 'an object with radius')
const columnsOptions = v.strictObject(
  {
    near: v.optional(v.union([positive, nearOptions], 'a number above 0 or an object with radius')),
    query: v.optional(v.string()),
    see: v.optional(callable<NonNullable<ColumnsOptions['see']>>()),
    own: v.optional(v.union([v.literal(true), v.array(v.string())], 'true or a list of names')),
  },
  'an object of options',
)
const quantised = v.strictObject({ step: positive }, "'exact' or q(step)")
const MAX_COMPONENTS = 32

/**
 * Returns how a field is sent that is rounded to multiples of `step`. A small step costs bytes: `q(1 / 16)` takes a byte for each change below 4, in units of the
 * game. Values beyond `step` times 2,147,483,647 are cut.
 *
 * @throws {ScriptError} InvalidOptions if `step` is not a number above 0
 */
export function q(step: number): { readonly step: number } {
  if (!(Number.isFinite(step) && step > 0)) invalidOption('q() takes the step to which values are rounded, a number above 0')
  return Object.freeze({ step })
}

/** Throws `InvalidOptions` for options that `columns()` does not take. */
export function checkColumnsOptions(fields: SyncedFields, options: ColumnsOptions): void {
  if (!isRecord(fields) || Object.keys(fields).length === 0)
    invalidOption("columns() takes the fields to send, such as { Position: { x: q(1/16) }, Health: 'exact' }")
  checkOptions(columnsOptions, options, 'columns')
}

/** Returns the components and columns of the fields, in the order of the game. Throws `InvalidOptions` for names that it does not have. */
export function describeFields(fields: SyncedFields, game: GameDefinition): ComponentDescription[] {
  const { components } = game
  for (const name of Object.keys(fields)) if (!Object.hasOwn(components, name)) refuseName(name, Object.keys(components))
  const named = Object.entries(components).filter(([name]) => Object.hasOwn(fields, name))
  if (named.length > MAX_COMPONENTS) invalidOption(`columns() can send ${MAX_COMPONENTS} components at most, not ${named.length}`)
  return named.map(([name, types]) => {
    const given = fields[name]
    const isWhole = isPrecision(given)
    if (!isWhole)
      for (const field of Object.keys(given ?? {})) if (!Object.hasOwn(types, field)) refuseName(`${name}.${field}`, fieldsOf(game))
    const columns = Object.entries(types).flatMap(([field, type]): ColumnDescription[] => {
      const precision: Precision | undefined = isWhole ? given : given?.[field]
      return precision === undefined ? [] : [{ field: `${name}.${field}`, type, step: stepOf(`${name}.${field}`, precision) }]
    })
    return { name, columns }
  })
}

/** Returns the columns that come exactly for the own entity. Throws `InvalidOptions` for names that the game does not have. */
export function describeOwn(
  own: ColumnsOptions['own'],
  fields: readonly ComponentDescription[],
  game: GameDefinition,
): ColumnDescription[] {
  const names = own === true ? fields.flatMap(({ columns }) => columns.map(({ field }) => field)) : (own ?? [])
  const all = Object.entries(game.components).flatMap(([name, types]) =>
    Object.entries(types).map(([field, type]): ColumnDescription => ({ field: `${name}.${field}`, type, step: 0 })),
  )
  const chosen = new Set<ColumnDescription>()
  for (const name of names) {
    const found = all.filter(({ field }) => field === name || field.startsWith(`${name}.`))
    if (found.length === 0) refuseName(name, [...Object.keys(game.components), ...fieldsOf(game)])
    for (const column of found) chosen.add(column)
  }
  return all.filter((column) => chosen.has(column))
}

/** Returns the names of the two coordinates. Throws `InvalidOptions` for fields that the game does not have. */
export function describeNear(near: number | NearOptions, game: GameDefinition): Required<NearOptions> {
  const { radius, x = 'Position.x', y = 'Position.y' } = typeof near === 'number' ? { radius: near } : near
  for (const name of [x, y]) if (!fieldsOf(game).includes(name)) refuseName(name, fieldsOf(game))
  return { radius, x, y }
}

function isPrecision(value: unknown): value is Precision {
  return value === 'exact' || (isRecord(value) && typeof value.step === 'number')
}

function stepOf(field: string, precision: Precision): number {
  checkOptions(v.strictObject({ [field]: v.union([oneOf('exact'), quantised], "'exact' or q(step)") }), { [field]: precision }, 'columns')
  return precision === 'exact' ? 0 : precision.step
}

function fieldsOf({ components }: GameDefinition): string[] {
  return Object.entries(components).flatMap(([name, types]) => Object.keys(types).map((field) => `${name}.${field}`))
}

function refuseName(name: string, names: readonly string[]): never {
  return invalidOption(`the game has no '${name}'${suggest(name, names)}`)
}
