const WORD = /[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+[0-9]*|[0-9]+/g
const WIT_NAME = /^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$/

/** Returns a name of the game as WIT writes it: `max-health` for `MaxHealth`. `undefined` for a name that WIT cannot write. */
export function witName(name: string): string | undefined {
  if (!/^[\w$-]+$/.test(name)) return undefined
  const words = (name.match(WORD) ?? []).map((word) => word.toLowerCase())
  const joined = words.join('-').replace(/-(?=[0-9])/g, '')
  return WIT_NAME.test(joined) ? joined : undefined
}

/** Returns a name of WIT as JavaScript writes it: `maxHealth` for `max-health`. */
export function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}

/** Returns a name of WIT as scripts write it: `max_health` for `max-health`. */
export function snakeCase(name: string): string {
  return name.replaceAll('-', '_')
}
