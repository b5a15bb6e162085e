import type { Declaration } from './declarations.ts'

/**
 * Returns what may follow `owner.` at the end of a text: the static members of a class, the members of a namespace or an enum, or those of the
 * class that a variable or parameter has.
 */
export function membersOf(all: readonly Declaration[], owner: string, before: string): readonly Declaration[] {
  const found = all.find(({ name }) => name === owner)
  if (found?.signature.startsWith('class ')) return found.members.filter(isStatic)
  if (found !== undefined && found.members.length > 0) return found.members
  const type = typeOf(owner, before, all)
  return all.find(({ name }) => name === type)?.members.filter((each) => !isStatic(each)) ?? []
}

function isStatic({ signature }: Declaration): boolean {
  return signature.startsWith('static ')
}

/** Returns the class of a variable or parameter: the declared one, or that of the value that it begins with. */
function typeOf(name: string, before: string, all: readonly Declaration[]): string | undefined {
  const found = [
    ...before.matchAll(new RegExp(`(?<![\\w$.])${name}\\s*(?::\\s*(\\w+)|=\\s*(new\\s+|changetype<)?(\\w+)(?:\\.(\\w+))?)`, 'g')),
  ].at(-1)
  if (found === undefined) return undefined
  const [, declared, made, callee, method] = found
  if (declared !== undefined || made !== undefined) return declared ?? callee
  const called = all.find((each) => each.name === callee)
  const value = method === undefined ? called : called?.members.find((each) => each.name === method)
  return /\):\s*(\w+)/.exec(value?.signature ?? '')?.[1]
}
