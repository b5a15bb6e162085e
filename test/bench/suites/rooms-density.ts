import { measureDensity, tableOfDensity } from '../rooms/density.ts'
import type { Suite } from '../suite.ts'

export const roomsDensity: Suite = {
  name: 'rooms-density',
  about: 'how many rooms of 8 clients and 500 entities a core runs, how late their ticks are, and the memory of a room',
  async run(context) {
    const density = await measureDensity(context)
    return { tables: [tableOfDensity(density)], data: density }
  },
}
