import { measureKills, measureReloads, tableOfKills, tableOfReloads } from '../rooms/processes.ts'
import type { Suite } from '../suite.ts'

export const roomsProcesses: Suite = {
  name: 'rooms-processes',
  about: 'rooms on two processes and a Redis: ends of processes, a script that is published in 100 rooms, and taken back',
  async run(context) {
    const kills = await measureKills(context)
    const reloads = await measureReloads(context)
    return { tables: [tableOfKills(kills), tableOfReloads(reloads)], data: { kills, reloads } }
  },
}
