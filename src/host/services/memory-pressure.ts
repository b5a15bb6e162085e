/** The shares of a memory's limit from which on the pressure is 1, 2, 3 and 4. */
const SHARES: readonly number[] = [1 / 2, 3 / 4, 7 / 8, 15 / 16]

/** Returns how close a memory is to its limit, from 0 to 4. */
export function memoryPressure(pages: number, limit: number): number {
  return SHARES.filter((share) => pages >= share * limit).length
}
