/** Runs work one at a time for each name. Calls while it runs make it run once more afterwards. */
export function inTurns(work: (name: string) => Promise<void>): (name: string) => Promise<void> {
  const running = new Map<string, Promise<void>>()
  const again = new Set<string>()
  const repeat = async (name: string): Promise<void> => {
    try {
      do {
        again.delete(name)
        await work(name)
      } while (again.has(name))
    } finally {
      running.delete(name)
    }
  }
  return (name) => {
    const current = running.get(name)
    if (current !== undefined) {
      again.add(name)
      return current
    }
    const started = repeat(name)
    running.set(name, started)
    return started
  }
}
