/**
 * What a script may import, for the `grant` option of `loadModule`. Everything that is left out is denied. A script that is
 * loaded without a grant may import everything.
 *
 * @example
 * ```ts
 * await runtime.loadModule(source, {
 *   grant: { read: ['Position'], write: ['Velocity'], emit: ['hit'], host: ['math', 'host.log'] },
 * })
 * ```
 */
export interface Grant<Name extends string = string> {
  /** The components whose fields it may read. @default [] */
  readonly read?: readonly Name[]
  /** The components whose fields it may write. @default [] */
  readonly write?: readonly Name[]
  /**
   * The components and relations that it may add and remove. A component in `read`, `write` or `change` may also be tested for and
   * queried, and the target of a relation in `change` read.
   * @default []
   */
  readonly change?: readonly Name[]
  /** Whether it may spawn and despawn entities. @default false */
  readonly spawn?: boolean
  /** The events that it may emit. @default [] */
  readonly emit?: readonly string[]
  /** The host functions that it may import, as a module (`math`), a function (`log`), or both (`host.log`). @default [] */
  readonly host?: readonly string[]
  /**
   * The hosts that may be reached by HTTP, by `http.request` and by a plugin in a worker: names such as `api.example.com`, `*.example.com` for all below one, `*` for
   * all. Without a grant, it reaches none.
   * @default []
   */
  readonly hosts?: readonly string[]
}

/** What a grant must allow for an import. */
export type Permission =
  | { readonly kind: 'read' | 'write' | 'change'; readonly component: string }
  /** Testing for a component or querying it. Any of `read`, `write` and `change` allows it. */
  | { readonly kind: 'query'; readonly component: string }
  | { readonly kind: 'spawn' }
  | { readonly kind: 'emit'; readonly event: string }
  | { readonly kind: 'host'; readonly module: string; readonly name: string }

/** Returns why a grant denies a permission, as a clause of an error message; `undefined` if it allows it. */
export function deniedBy(grant: Grant | undefined, permission: Permission): string | undefined {
  if (grant === undefined) return undefined
  const { read = [], write = [], change = [], spawn = false, emit = [], host = [] } = grant
  switch (permission.kind) {
    case 'read':
    case 'write':
    case 'change':
      return (grant[permission.kind] ?? []).includes(permission.component)
        ? undefined
        : `'${permission.component}' is not in grant.${permission.kind}`
    case 'query':
      return [read, write, change].some((names) => names.includes(permission.component))
        ? undefined
        : `'${permission.component}' is not in grant.read, grant.write or grant.change`
    case 'spawn':
      return spawn ? undefined : 'grant.spawn is not true'
    case 'emit':
      return emit.includes(permission.event) ? undefined : `'${permission.event}' is not in grant.emit`
    case 'host': {
      const { module, name } = permission
      return [module, name, `${module}.${name}`].some((each) => host.includes(each))
        ? undefined
        : `neither '${module}' nor '${name}' is in grant.host`
    }
  }
}
