/** What a script is allowed to import. What is left out is not allowed. */
export interface Grant<Name extends string = string> {
  /** Components whose fields it may read. */
  readonly read?: readonly Name[]
  /** Components whose fields it may write. */
  readonly write?: readonly Name[]
  /** Components that it may add and remove. A component named in any of the three may also be tested for and queried. */
  readonly change?: readonly Name[]
  /** Whether it may spawn and despawn entities. */
  readonly spawn?: boolean
  /** Events that it may emit. */
  readonly emit?: readonly string[]
  /** Host functions that it may import: a module (`math`), a function (`log`), or both (`host.log`). */
  readonly host?: readonly string[]
}

/** What an import needs to be allowed. */
export type Permission =
  | { readonly kind: 'read' | 'write' | 'change'; readonly component: string }
  /** To test for a component or query it: any grant of the component is enough. */
  | { readonly kind: 'know'; readonly component: string }
  | { readonly kind: 'spawn' }
  | { readonly kind: 'emit'; readonly event: string }
  | { readonly kind: 'host'; readonly module: string; readonly name: string }

/** Returns why a grant does not allow something, in words; `undefined` if it does. */
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
    case 'know':
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
