import { drifter } from '../../colyseus/cluster/drift.ts'
import { buildProgram, type RoomProcess, RoomProcesses } from '../../colyseus/cluster/room-processes.ts'
import { findRedis } from '../../fixtures/find-redis.ts'
import { startRedis } from '../../fixtures/redis.ts'
import { quantile } from '../measure.ts'
import type { SuiteContext } from '../suite.ts'
import { formatNumber, type Table } from '../table.ts'

const SIGNALS = ['SIGTERM', 'SIGKILL', 'SIGSTOP'] as const
type Signal = (typeof SIGNALS)[number]

/** What ends of processes did to their rooms. */
export interface Kills {
  readonly rooms: number
  /** Milliseconds for which rooms stood still, by signal; one for each room that moved. */
  readonly gaps: Readonly<Record<Signal, readonly number[]>>
  readonly kills: number
  /** Ticks that were lost, hashes that differ, rooms that two processes ran. */
  readonly mistakes: readonly string[]
}

/** What a publication in many rooms took. */
export interface Reloads {
  readonly rooms: number
  /** Milliseconds that each room stood still for its new code, beyond the time of a tick. */
  readonly pauses: readonly number[]
  /** Milliseconds from the first room that reached its tick to the last room that ran a tick of the new code, without one tick. */
  readonly spread: number
  /** Milliseconds from the first trap to the last room that was taken back. */
  readonly veto: number
}

const HZ = 20

/** Ends processes at random, and waits until others run their rooms. */
export function measureKills({ scale, progress }: SuiteContext): Promise<Kills> {
  const kills = scale.quick ? 6 : 20
  const rooms = namesOf(20)
  return withProcesses(async (cluster) => {
    const gaps: Record<Signal, number[]> = { SIGTERM: [], SIGKILL: [], SIGSTOP: [] }
    const [first] = [await cluster.start(), await cluster.start()]
    await cluster.create(first, rooms)
    for (let kill = 0; kill < kills; kill++) {
      progress(`end ${kill + 1} of ${kills}`)
      await cluster.play(10 + Math.floor(Math.random() * 40))
      // Each signal as often, and processes with rooms alone.
      const signal = SIGNALS[kill % SIGNALS.length] as Signal
      const owners = [...new Set([...cluster.rooms.values()].map(({ owner }) => owner))]
      const victim = owners[Math.floor(Math.random() * owners.length)] as RoomProcess
      gaps[signal].push(...(await cluster.take(victim, signal)))
      if (signal === 'SIGSTOP') {
        victim.child.kill('SIGCONT')
        await cluster.play(20)
        victim.child.kill('SIGKILL')
      }
      await cluster.start()
    }
    return { rooms: rooms.length, gaps, kills, mistakes: [...cluster.mistakes] }
  })
}

/** Publishes a script in 100 rooms of two processes, and one that traps in one of them. */
export function measureReloads({ scale, progress }: SuiteContext): Promise<Reloads> {
  const rooms = namesOf(scale.quick ? 20 : 100)
  return withProcesses(async (cluster) => {
    const [first, second] = [await cluster.start(), await cluster.start()]
    await cluster.create(first, rooms.slice(0, rooms.length / 2))
    await cluster.create(second, rooms.slice(rooms.length / 2, -1))
    await cluster.create(second, rooms.slice(-1), 1e6)
    await cluster.play(HZ)
    progress(`a script in ${rooms.length} rooms`)
    const report = await cluster.publish(first, drifter(2), 10)
    if (report.state !== 'accepted') throw new Error(`${report.veto?.message}`)
    const ticks = report.rooms.map(({ roomId, tick }) => {
      const times = cluster.rooms.get(roomId)?.times
      return { before: times?.get(tick) ?? Number.NaN, after: times?.get(tick + 1) ?? Number.NaN }
    })
    progress(`a veto in ${rooms.length} rooms`)
    const vetoed = await cluster.publish(first, drifter(3, 1e5), 10)
    // The report comes before what the last rooms say. A room that had not come to its tick has nothing to restore.
    await cluster.play(HZ)
    const kept = vetoed.rooms.filter(({ state }) => state !== 'reverted' && state !== 'trapped')
    if (vetoed.state !== 'vetoed' || kept.length > 0) throw new Error(`${kept.length} rooms keep a script that was vetoed`)
    const trapped = cluster.changes.filter(({ kind }) => kind === 'trapped').map(({ at }) => at)
    const restored = cluster.changes.filter(({ kind }) => kind === 'restored').map(({ at }) => at)
    return {
      rooms: rooms.length,
      pauses: ticks.map(({ before, after }) => after - before - 1000 / HZ),
      spread: Math.max(...ticks.map(({ after }) => after)) - Math.min(...ticks.map(({ before }) => before)) - 1000 / HZ,
      veto: Math.max(...restored) - Math.min(...trapped),
    }
  })
}

export function tableOfKills({ rooms, gaps, kills, mistakes }: Kills): Table {
  return {
    title: `rooms-processes: ${kills} ends of a process at random, ${rooms} rooms of 50 entities on two processes, ms without a tick`,
    columns: ['', 'rooms that moved', 'p50', 'p95', 'longest'],
    rows: SIGNALS.map((signal) => [
      signal,
      `${gaps[signal].length}`,
      ...[0.5, 0.95, 1].map((share) => formatNumber(quantile(gaps[signal], share === 1 ? 0.9999 : share))),
    ]),
    notes: [
      mistakes.length === 0
        ? 'No tick that was acknowledged was lost, all hashes are equal, and no room had two owners.'
        : `MISTAKES: ${mistakes.join('; ')}`,
      'SIGSTOP: a process that sleeps, and wakes while others run its rooms.',
    ],
  }
}

export function tableOfReloads({ rooms, pauses, spread, veto }: Reloads): Table {
  return {
    title: `rooms-processes: a script published in ${rooms} rooms of two processes, ms`,
    columns: ['', 'ms'],
    rows: [
      ['all rooms run it, after the first came to its tick', formatNumber(spread)],
      ['a room stands still for it, p95', formatNumber(quantile(pauses, 0.95))],
      ['a trap in one room takes all back', formatNumber(veto)],
    ],
  }
}

function namesOf(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `room ${index}`)
}

async function withProcesses<Result>(work: (cluster: RoomProcesses) => Promise<Result>): Promise<Result> {
  const path = findRedis()
  if (path === undefined) throw new Error('this suite needs redis-server, and found none')
  const program = await buildProgram('test/colyseus/cluster/room-server.ts')
  const redis = await startRedis(path)
  const cluster = new RoomProcesses(program.file, redis.port, { hold: 1, snapshot: 2, hz: HZ })
  try {
    return await work(cluster)
  } finally {
    await cluster.stop()
    await redis.stop()
    await program.remove()
  }
}
