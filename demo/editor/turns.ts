/** Work by name, one at a time: what is asked for while it is under way is done once more after it. */
export function inTurns(work: (name: string) => Promise<void>): (name: string) => Promise<void> {
  const underWay = new Map<string, Promise<void>>()
  const again = new Set<string>()
  const repeat = async (name: string): Promise<void> => {
    try {
      do {
        again.delete(name)
        await work(name)
      } while (again.has(name))
    } finally {
      underWay.delete(name)
    }
  }
  return (name) => {
    const waiting = underWay.get(name)
    if (waiting !== undefined) {
      again.add(name)
      return waiting
    }
    const begun = repeat(name)
    underWay.set(name, begun)
    return begun
  }
}
