import type { Accessor } from './accessors.ts'

/** Wraps an accessor for a host that passes a context as the first argument. */
export function ignoreContext(accessor: Accessor): (context: unknown, ...numbers: number[]) => unknown {
  return (_, first, second) => accessor(first as number, second as number)
}
