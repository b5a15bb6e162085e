/** Returns a seed of the day, the same for everybody: the date in UTC as a number, such as 20261127. */
export function dailySeed(now: Date = new Date()): number {
  return Number(now.toISOString().slice(0, 10).replaceAll('-', ''))
}

/** Returns a seed for a game that nobody asked a seed for. */
export function randomSeed(): number {
  return Math.floor(Math.random() * 1e6)
}

/** Returns the seed that an address asks for; `undefined` if it asks for none. */
export function seedIn(address: string): number | undefined {
  const seed = new URL(address).searchParams.get('seed')
  return seed !== null && /^\d{1,15}$/.test(seed) ? Number(seed) : undefined
}

/** Returns a link to a game with a seed. Whatever else the address has stays. */
export function linkTo(seed: number, address: string): string {
  const link = new URL(address)
  link.searchParams.set('seed', String(seed))
  link.hash = ''
  return link.href
}
