import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { buildProgram, RoomProcess } from '../../colyseus/cluster/room-processes.ts'
import type { SuiteContext } from '../suite.ts'
import { formatBytes, formatNumber, type Table } from '../table.ts'
import type { DensityReport } from './density-server.ts'

const BOTS = 8
/** Rooms at each number of ticks a second. */
const CASES = [
  { hz: 20, rooms: 20 },
  { hz: 20, rooms: 60 },
  { hz: 60, rooms: 10 },
  { hz: 60, rooms: 25 },
] as const

/** What rooms in one process took. */
export interface Density {
  readonly hz: number
  readonly rooms: number
  readonly report: DensityReport
  /** Bytes of memory of a room, without clients, and with them. */
  readonly empty: number
  readonly full: number
}

interface Created {
  readonly ids: readonly string[]
  readonly version: string
  /** Bytes of memory, before the rooms and after. */
  readonly before: number
  readonly rss: number
}

/** Measures rooms with 8 clients each, which are in a process of their own and send an input each tick. */
export async function measureDensity({ scale, progress }: SuiteContext): Promise<readonly Density[]> {
  const server = await buildProgram('test/bench/rooms/density-server.ts')
  const bots = await buildProgram('test/bench/rooms/density-bots.ts')
  const densities: Density[] = []
  try {
    for (const { hz, rooms } of scale.quick ? CASES.slice(0, 1) : CASES) {
      progress(`${rooms} rooms at ${hz} ticks a second`)
      densities.push(await measureRooms(server.file, bots.file, { hz, rooms, seconds: scale.quick ? 3 : 20 }))
    }
  } finally {
    await server.remove()
    await bots.remove()
  }
  return densities
}

async function measureRooms(
  serverFile: string,
  botsFile: string,
  { hz, rooms, seconds }: { readonly hz: number; readonly rooms: number; readonly seconds: number },
): Promise<Density> {
  const processes = [new RoomProcess(serverFile, 0, { hz })]
  try {
    const [server] = processes as [RoomProcess]
    const { port } = await server.ask<{ readonly port: number }>(undefined, 'up')
    const created = await server.ask<Created>({ kind: 'create', rooms }, 'created')
    const bots = new RoomProcess(botsFile, port, { ids: created.ids, version: created.version, bots: BOTS, hz })
    processes.push(bots)
    await bots.ask(undefined, 'up')
    // Until the code is optimized.
    await wait(seconds * 300)
    const report = await server.ask<DensityReport>({ kind: 'measure', seconds }, 'report')
    return { hz, rooms, report, empty: (created.rss - created.before) / rooms, full: (report.rss - created.before) / rooms }
  } finally {
    for (const { child } of processes) {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    }
  }
}

export function tableOfDensity(densities: readonly Density[]): Table {
  return {
    title: `rooms-density: rooms of 500 entities in one process, ${BOTS} clients each`,
    columns: ['ticks a second', 'rooms', 'of a core', 'rooms a core', 'late, p99', 'ticks that ran', 'a room, empty', 'with clients'],
    rows: densities.map(({ hz, rooms, report: { busy, p99, ticks }, empty, full }) => [
      `${hz}`,
      `${rooms}`,
      `${formatNumber(100 * busy)} %`,
      formatNumber((rooms * ticks) / busy),
      `${formatNumber(p99)} ms`,
      `${formatNumber(100 * ticks)} %`,
      formatBytes(empty),
      formatBytes(full),
    ]),
    notes: ['rooms a core: by the processor time of the ticks that ran. Plan with three quarters of them.'],
  }
}
