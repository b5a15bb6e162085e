import type { Accessor } from './accessors.ts'

/** An accessor for a host that passes a context first. */
export function ignoreContext(accessor: Accessor): (context: unknown, ...numbers: number[]) => unknown {
  return (_, first, second) => accessor(first as number, second as number)
}
