import { TICK_FIELD } from './room-messages.ts'

/** Returns the names of the numbers of an input, in the order of its schema, without that of its tick. */
export function inputFields(input: object): readonly string[] {
  // Packages for schemas define the symbol where the engine does not.
  const { metadata } = Symbol as { readonly metadata?: symbol }
  const fields = metadata === undefined ? undefined : (input.constructor as unknown as Record<symbol, object | undefined>)[metadata]
  return Object.values(fields ?? {})
    .filter((field): field is { readonly name: string } => typeof (field as { readonly name?: unknown } | null)?.name === 'string')
    .map(({ name }) => name)
    .filter((name) => name !== TICK_FIELD)
}
