import type { Relation } from 'bitecs'

/** The components of a runtime by name: bitECS components whose fields are arrays of numbers. */
export type ComponentSet = Readonly<Record<string, object>>

/** The relations of a runtime by name: what `createRelation` of bitECS returns. */
export type RelationSet = Readonly<Record<string, Relation<unknown>>>

/** The names of the components in a set. */
export type ComponentName<Components extends ComponentSet> = keyof Components & string

/** No relations. */
export type NoRelations = Readonly<Record<never, Relation<unknown>>>

/** The names of the components and the relations of a runtime, as grants list them. */
export type GrantedName<Components extends ComponentSet, Relations extends RelationSet> = (keyof Components | keyof Relations) & string

/** The fields of a component that scripts can reach: its arrays of numbers. */
type FieldName<Component> = { [Field in keyof Component]: Component[Field] extends ArrayLike<number> ? Field : never }[keyof Component]

/** Numbers for the fields of one component. A tag has no fields. */
type FieldValues<Component> = [FieldName<Component>] extends [never]
  ? Readonly<Record<string, never>>
  : { readonly [Field in FieldName<Component>]?: number }

// `undefined` below is refused as a value. The compiler needs it to accept a `WasmScriptRuntime<Components>` of a type
// parameter where a runtime with any components is wanted.

/**
 * Values of components, by name and field; `{}` for a tag. Names and fields are checked by the compiler if it knows the type
 * of the set.
 *
 * @example
 * runtime.spawn({ Position: { x: 1, y: 2 }, Dead: {} })
 */
export type ComponentValues<Components extends ComponentSet = ComponentSet> = string extends keyof Components
  ? Readonly<Record<string, Readonly<Record<string, number | undefined>> | undefined>>
  : { readonly [Name in keyof Components]?: FieldValues<Components[Name]> }

/**
 * Changes to the components of an entity: values to write, or `null` to remove the component.
 *
 * @example
 * runtime.write(ball, { Velocity: { x: -1 }, Dead: null })
 */
export type ComponentChanges<Components extends ComponentSet = ComponentSet> = string extends keyof Components
  ? Readonly<Record<string, Readonly<Record<string, number | undefined>> | null | undefined>>
  : { readonly [Name in keyof Components]?: FieldValues<Components[Name]> | null }
