import type { Grant } from '../../../host/modules/permissions.ts'

type NameList = Exclude<keyof Grant, 'spawn'>

const LISTS: readonly NameList[] = ['read', 'write', 'change', 'emit', 'host', 'hosts']

/** Returns what two grants both allow. A grant that is `undefined` allows everything. */
export function narrowGrant(one: Grant | undefined, other: Grant | undefined): Grant | undefined {
  if (one === undefined || other === undefined) return one ?? other
  const both = Object.fromEntries(
    LISTS.flatMap((list) => {
      const [left, right] = [one[list] ?? [], other[list] ?? []]
      const kept = [...left.filter((name) => covers(list, right, name)), ...right.filter((name) => covers(list, left, name))]
      // A module and a function: only that function of that module.
      const rest = (names: readonly string[]): readonly string[] => names.filter((name) => !kept.includes(name))
      const pairs = list === 'host' ? rest(left).flatMap((name) => rest(right).flatMap((each) => pairsOf(name, each))) : []
      const names = [...new Set([...kept, ...pairs])]
      return names.length === 0 ? [] : [[list, names] as const]
    }),
  )
  return one.spawn === true && other.spawn === true ? { ...both, spawn: true } : both
}

/** Returns what a grant asks for that another does not allow, such as `write 'Door'`. */
export function deniedNames(asked: Grant, allowed: Grant | undefined): string[] {
  if (allowed === undefined) return []
  const names = LISTS.flatMap((list) =>
    (asked[list] ?? []).filter((name) => !covers(list, allowed[list] ?? [], name)).map((name) => `${list} '${name}'`),
  )
  return asked.spawn === true && allowed.spawn !== true ? [...names, 'spawn'] : names
}

/** Returns the grant with all that a mod may do with components that it declares. */
export function withOwnComponents(grant: Grant | undefined, own: readonly string[]): Grant | undefined {
  if (grant === undefined || own.length === 0) return grant
  const more = (names: readonly string[] = []): string[] => [...new Set([...names, ...own])]
  return { ...grant, read: more(grant.read), write: more(grant.write), change: more(grant.change) }
}

/** Returns whether the names of a list allow all that a name does. */
function covers(list: NameList, names: readonly string[], name: string): boolean {
  if (names.includes(name)) return true
  if (list === 'hosts') return names.some((each) => coversHost(each.toLowerCase(), name.toLowerCase()))
  if (list !== 'host') return false
  const dot = name.lastIndexOf('.')
  return dot > 0 && (names.includes(name.slice(0, dot)) || names.includes(name.slice(dot + 1)))
}

function coversHost(pattern: string, name: string): boolean {
  return pattern === '*' || pattern === name || (pattern.startsWith('*.') && name.endsWith(pattern.slice(1)))
}

function pairsOf(name: string, other: string): readonly string[] {
  return name === other || name.includes('.') || other.includes('.') ? [] : [`${name}.${other}`, `${other}.${name}`]
}
