import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { build } from 'vite'
import type { PublishReport } from '../../../src/colyseus/cluster/publish-report.ts'
import { SHARED } from '../../../vitest.config.ts'
import { REPOSITORY } from '../../fixtures/project.ts'
import type { RoomNews, RoomServerOptions } from './room-server.ts'

type TickNews = RoomNews & { readonly kind: 'ran' | 'acknowledged' }

/** What is known of a room from all processes. */
interface KnownRoom {
  /** The process that began to run it last. */
  owner: RoomProcess
  epoch: number
  /** The last tick that clients may have seen, when, and the hashes and the times of all of them. */
  acknowledged: number
  at: number
  readonly hashes: Map<number, string>
  readonly times: Map<number, number>
  /** Milliseconds without a tick, between the process before and the present one; `undefined` before its first tick. */
  gap: number | undefined
}

/** A program that was built of its sources. */
export interface BuiltProgram {
  readonly file: string
  readonly remove: () => Promise<void>
}

/** Builds a program of the tests, for many processes. */
export async function buildProgram(source: string): Promise<BuiltProgram> {
  const folder = await mkdtemp(join(tmpdir(), 'bitscript-rooms-'))
  await symlink(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'))
  await build({
    configFile: false,
    logLevel: 'silent',
    resolve: { alias: SHARED.alias as Record<string, string> },
    build: { ssr: join(REPOSITORY, source), outDir: folder, emptyOutDir: false, target: 'node20' },
  })
  return { file: join(folder, `${basename(source, '.ts')}.js`), remove: () => rm(folder, { recursive: true }) }
}

/** A process that is told what to do by messages, such as `room-server.ts`. */
export class RoomProcess {
  readonly child: ChildProcess

  constructor(file: string, port: number, options: object) {
    this.child = fork(file, [`${port}`, JSON.stringify(options)], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      // Colyseus prints which processes it misses.
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
  }

  /** Sends a message, and resolves with the first answer of a kind. */
  async ask<Answer>(message: object | undefined, kind: string): Promise<Answer> {
    const answer = new Promise<Answer>((resolve) => {
      const listen = (news: { readonly kind: string }): void => {
        if (news.kind !== kind) return
        this.child.off('message', listen)
        resolve(news as Answer)
      }
      this.child.on('message', listen)
    })
    if (message !== undefined) this.child.send(message)
    return answer
  }
}

/** Processes that share a Redis, and everything that their rooms tell: what would be a mistake is in `mistakes`. */
export class RoomProcesses {
  readonly mistakes: string[] = []
  readonly rooms: Map<string, KnownRoom> = new Map()
  readonly processes: Set<RoomProcess> = new Set()
  /** Traps and what was taken back since the last publication, in the order of their times. */
  readonly changes: (RoomNews & { readonly kind: 'trapped' | 'restored' })[] = []
  readonly #file: string
  readonly #port: number
  readonly #options: RoomServerOptions
  #changed = new Set<() => void>()

  constructor(file: string, port: number, options: RoomServerOptions) {
    this.#file = file
    this.#port = port
    this.#options = options
  }

  async start(): Promise<RoomProcess> {
    const process = new RoomProcess(this.#file, this.#port, this.#options)
    process.child.on('message', (news) => this.#receive(process, news as RoomNews))
    process.child.once('exit', () => this.processes.delete(process))
    await process.ask(undefined, 'up')
    this.processes.add(process)
    return process
  }

  async create(process: RoomProcess, rooms: readonly string[], x = 0): Promise<void> {
    await process.ask({ kind: 'create', rooms, x }, 'created')
  }

  async publish(process: RoomProcess, code: string, inTicks: number): Promise<PublishReport> {
    this.changes.length = 0
    const { report } = await process.ask<{ readonly report: PublishReport }>({ kind: 'publish', code, inTicks }, 'published')
    return report
  }

  /** Resolves when a condition holds; rejects with what rooms know if that takes too long. */
  async until(what: string, isTrue: () => boolean, withinMs = 30_000): Promise<void> {
    if (isTrue()) return
    await new Promise<void>((resolve, reject) => {
      const check = (): void => {
        if (!isTrue()) return
        this.#changed.delete(check)
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(() => reject(new Error(`${what}: not within ${withinMs} ms\n${this.mistakes.join('\n')}`)), withinMs)
      this.#changed.add(check)
    })
  }

  /** Resolves when each room was acknowledged so many ticks more. */
  async play(ticks: number): Promise<void> {
    const goals = new Map([...this.rooms].map(([roomId, { acknowledged }]) => [roomId, acknowledged + ticks]))
    await this.until('rooms tick', () => [...goals].every(([roomId, goal]) => (this.rooms.get(roomId)?.acknowledged ?? 0) >= goal))
  }

  /**
   * Ends a process, or lets it sleep, and waits until others run its rooms. Resolves with the milliseconds for which each room stood still, from its last
   * tick before to its first one after.
   */
  async take(process: RoomProcess, signal: 'SIGTERM' | 'SIGKILL' | 'SIGSTOP'): Promise<number[]> {
    const taken = [...this.rooms.values()].filter(({ owner }) => owner === process)
    process.child.kill(signal)
    await this.until(`rooms go on after ${signal}`, () => taken.every(({ owner, gap }) => owner !== process && gap !== undefined))
    return taken.map(({ gap = Number.NaN }) => gap)
  }

  async stop(): Promise<void> {
    for (const { child } of [...this.processes]) {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    }
  }

  #receive(process: RoomProcess, news: RoomNews): void {
    if (news.kind === 'ran') this.#ran(process, news)
    else if (news.kind === 'acknowledged') this.#acknowledged(news)
    else if (news.kind === 'trapped' || news.kind === 'restored') this.changes.push(news)
    for (const check of [...this.#changed]) check()
  }

  /** A room begins in a process: with every tick that a client may have seen. */
  #ran(process: RoomProcess, { roomId, epoch, tick, hash, at }: TickNews): void {
    const known = this.rooms.get(roomId)
    if (known === undefined) {
      const hashes = new Map([[tick, hash]])
      this.rooms.set(roomId, { owner: process, epoch, acknowledged: tick, at, hashes, times: new Map([[tick, at]]), gap: 0 })
      return
    }
    if (epoch <= known.epoch) this.mistakes.push(`${roomId}: epoch ${epoch} after ${known.epoch}`)
    if (tick < known.acknowledged) this.mistakes.push(`${roomId}: back at tick ${tick}, ${known.acknowledged} was acknowledged`)
    const before = known.hashes.get(tick)
    if (before !== undefined && before !== hash) this.mistakes.push(`${roomId}: other hash at tick ${tick}`)
    known.owner = process
    known.epoch = epoch
    known.gap = undefined
  }

  #acknowledged({ roomId, epoch, tick, hash, at }: TickNews): void {
    const known = this.rooms.get(roomId)
    if (known === undefined) return
    // News of two processes may cross: those of an older epoch must have been kept all the same.
    const before = known.hashes.get(tick)
    if (before !== undefined && before !== hash) this.mistakes.push(`${roomId}: two games at tick ${tick}, epoch ${epoch}`)
    known.hashes.set(tick, hash)
    known.times.set(tick, at)
    if (epoch !== known.epoch) return
    known.gap ??= at - known.at
    if (tick > known.acknowledged) known.at = at
    known.acknowledged = Math.max(known.acknowledged, tick)
  }
}
