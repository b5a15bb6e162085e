import { randomBytes } from 'node:crypto'
import { ScriptError } from '../../index.ts'
import { hashOf } from '../game/hash-of.ts'
import type { Channel } from './channel.ts'
import type { ClusterMessage } from './cluster-message.ts'
import type { PublishedRoom, PublishReport, PublishVeto } from './publish-report.ts'

/** Milliseconds between two looks at whether processes are alive. */
const LOOK_MS = 250
/** Milliseconds in which a process must say which rooms it has. */
const JOIN_MS = 5000

/** A script to publish. */
export interface ScriptToPublish {
  readonly script: string
  readonly bytes: Uint8Array
  readonly inTicks: number
  /** Milliseconds in which all rooms must have run the new code through its probation. */
  readonly withinMs: number
}

/**
 * Publishes a script in all rooms of a cluster. Resolves when each has answered. Throws `LoadFailed` while another publication is under way, and
 * `EngineUnavailable` if the cluster cannot be reached.
 */
export async function publishScript(channel: Channel, { script, bytes, inTicks, withinMs }: ScriptToPublish): Promise<PublishReport> {
  const id = randomBytes(8).toString('hex')
  const sha256 = hashOf(bytes)
  const began = performance.now()
  if (!(await channel.begin(id, sha256, bytes)))
    throw new ScriptError('LoadFailed', 'another script is being published: wait until that is done')
  const ballot = new Ballot(channel, id)
  try {
    const processes = await channel.send({ kind: 'begin', id, process: channel.process, script, sha256, inTicks })
    const isAccepted = await ballot.decide(processes, withinMs)
    if (isAccepted) {
      // Before rooms that begin from now on ask.
      for (const over of ballot.overs) await channel.accept(script, over, sha256)
      await channel.send({ kind: 'accept', id, process: channel.process })
    } else await ballot.takenBack()
    return {
      script,
      sha256,
      state: isAccepted ? 'accepted' : 'vetoed',
      rooms: ballot.rooms,
      veto: ballot.firstVeto,
      ms: performance.now() - began,
    }
  } finally {
    ballot.close()
    await channel.end(id)
  }
}

/** Collects what rooms say about a publication. */
class Ballot {
  readonly #channel: Channel
  readonly #id: string
  readonly #rooms = new Map<string, Omit<PublishedRoom, 'state'> & { state: PublishedRoom['state'] | undefined }>()
  readonly #joined = new Set<string>()
  readonly #overs = new Set<string>()
  readonly #removeListener: () => void
  #veto: PublishVeto | undefined
  #changed: () => void = () => undefined

  constructor(channel: Channel, id: string) {
    this.#channel = channel
    this.#id = id
    this.#removeListener = channel.listen((message) => {
      if (message.id === id) this.#receive(message)
    })
  }

  /** The rooms that answered. */
  get rooms(): readonly PublishedRoom[] {
    return [...this.#rooms.values()].map((room) => ({ ...room, state: room.state ?? 'gone' }))
  }

  /** The hashes of the code that games of rooms have. */
  get overs(): ReadonlySet<string> {
    return this.#overs
  }

  get firstVeto(): PublishVeto | undefined {
    return this.#veto
  }

  /** Resolves with whether all rooms of so many processes passed. */
  async decide(processes: number, withinMs: number): Promise<boolean> {
    const isJoined = (): boolean => this.#veto !== undefined || this.#joined.size >= processes
    // A process that does not answer has ended, or is about to notice that it is not alive.
    await this.#until(isJoined, Math.min(JOIN_MS, withinMs))
    await this.#until(() => this.#veto !== undefined || this.#isComplete(), withinMs)
    if (this.#veto === undefined && !this.#isComplete()) {
      const late = [...this.#rooms.values()].find(({ state }) => state === undefined)
      const message = `it did not reach its tick, or the end of the probation, within ${withinMs / 1000} seconds`
      const { process } = this.#channel
      await this.#channel.send({ kind: 'veto', id: this.#id, process, roomId: late?.roomId, code: 'Timeout', message })
      await this.#until(() => this.#veto !== undefined, JOIN_MS)
    }
    return this.#veto === undefined
  }

  /** Resolves when all rooms took the code back. */
  takenBack(): Promise<void> {
    return this.#until(() => [...this.#rooms.values()].every(({ state }) => state !== undefined && state !== 'passed'), JOIN_MS)
  }

  close(): void {
    this.#removeListener()
  }

  #isComplete(): boolean {
    return [...this.#rooms.values()].every(({ state }) => state !== undefined)
  }

  #receive(message: ClusterMessage): void {
    const { process } = message
    if (message.kind === 'joined') {
      this.#joined.add(process)
      for (const { roomId, tick, over } of message.rooms) {
        this.#overs.add(over)
        this.#rooms.set(roomId, { roomId, process, tick, state: undefined })
      }
    } else if (message.kind === 'result') {
      for (const { roomId, tick, state } of message.rooms) this.#rooms.set(roomId, { roomId, process, tick, state })
    } else if (message.kind === 'veto') {
      const { roomId, code, message: text } = message
      this.#veto ??= { roomId, process, code, message: text }
    }
    this.#changed()
  }

  /** Resolves when a condition holds, or after some time. Rooms of processes that ended are gone. */
  #until(isDone: () => boolean, withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (isDone()) end()
      }
      const end = (): void => {
        clearTimeout(timer)
        clearInterval(looking)
        this.#changed = () => undefined
        resolve()
      }
      const timer = setTimeout(end, withinMs)
      const looking = setInterval(() => this.#look().then(check, () => undefined), LOOK_MS)
      this.#changed = check
      check()
    })
  }

  async #look(): Promise<void> {
    const rooms = [...this.#rooms.values()].filter(({ state }) => state === undefined || state === 'passed')
    for (const process of new Set(rooms.map((room) => room.process))) {
      if (await this.#channel.isAlive(process)) continue
      // Another process may have the room by now.
      for (const room of rooms) if (room.process === process && this.#rooms.get(room.roomId) === room) room.state = 'gone'
    }
  }
}
