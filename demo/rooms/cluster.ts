import { type ChildProcess, fork, spawn } from 'node:child_process'
import { mkdtemp } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ScriptName } from './game.ts'
import { type NetworkQuality, openSlowNetwork } from './network.ts'
import type { StartMessage } from './process.ts'

/** Milliseconds after which a process that ended is started again. */
const RESTART = 3000
const NO_REDIS = 'demo:cluster needs redis-server: on Debian, `apt-get install redis-server`. `npm run demo:rooms` plays without it.'

/** Processes that share their rooms by Redis. */
export interface Cluster {
  readonly names: readonly string[]
  publish(name: ScriptName, text: string): void | Promise<void>
  /** Ends a process, which is started again a moment later. Returns what to say of it. */
  end(name: string, signal: 'SIGTERM' | 'SIGKILL'): string
}

/** Starts Redis, a number of processes, and a network before each. Pages find any of them by `port`. */
export async function startCluster(
  count: number,
  port: number,
  texts: Readonly<Record<ScriptName, string>>,
  bots: number,
  quality: NetworkQuality,
): Promise<Cluster> {
  const redisPort = await startRedis()
  const members = Array.from({ length: count }, (_, index) => {
    const publicPort = port + 1 + index
    const member = new Member(`process ${index + 1}`, { kind: 'start', port: publicPort + count, publicPort, redisPort, bots, texts })
    openSlowNetwork(() => member.port, quality).listen(publicPort, '127.0.0.1')
    return member
  })
  await Promise.all(members.map((member) => member.start()))
  const alive = (): Member | undefined => members.find((member) => member.isListening)
  openSlowNetwork(() => (alive() ?? (members[0] as Member)).port, quality).listen(port, '127.0.0.1')
  return {
    names: members.map(({ name }) => name),
    publish: (name, text) => alive()?.tell({ kind: 'publish', name, text }),
    end: (name, signal) => endProcess(members, name, signal),
  }
}

/** A process that can be ended. */
export interface EndableProcess {
  readonly name: string
  readonly isListening: boolean
  end(signal: 'SIGTERM' | 'SIGKILL'): void
}

/** Ends a process if another one listens, which can run its rooms. Returns what to say of it. */
export function endProcess(processes: readonly EndableProcess[], name: string, signal: 'SIGTERM' | 'SIGKILL'): string {
  if (!processes.some((each) => each.name !== name && each.isListening)) return `${name} is the only one that runs: wait for another.`
  processes.find((each) => each.name === name)?.end(signal)
  return `${name} got ${signal}.`
}

class Member implements EndableProcess {
  readonly name: string
  readonly port: number
  readonly #start: StartMessage
  #process: ChildProcess | undefined
  #isListening = false

  constructor(name: string, start: StartMessage) {
    this.name = name
    this.port = start.port
    this.#start = start
  }

  get isListening(): boolean {
    return this.#isListening
  }

  /** Resolves when it listens. */
  start(): Promise<void> {
    const process = fork(join(import.meta.dirname, 'process.ts'))
    this.#process = process
    process.send(this.#start)
    process.on('exit', () => {
      this.#isListening = false
      setTimeout(() => this.start(), RESTART)
    })
    return new Promise((resolve) => {
      process.on('message', (text: string) => {
        console.log(`${this.name}: ${text}`)
        if (text === 'stopping') this.#isListening = false
        if (text !== 'listening') return
        this.#isListening = true
        resolve()
      })
    })
  }

  tell(message: object): void {
    this.#process?.send(message)
  }

  end(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#isListening = false
    this.#process?.kill(signal)
  }
}

/** Starts a Redis that keeps nothing on the disk, and ends with this process. Resolves with its port. */
async function startRedis(): Promise<number> {
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'bitscript-arena-'))
  const redis = spawn('redis-server', ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder])
  await new Promise<void>((resolve, reject) => {
    redis.on('error', () => reject(new Error(NO_REDIS)))
    redis.stdout.on('data', (text) => {
      if (/Ready to accept connections/.test(String(text))) resolve()
    })
  })
  process.on('exit', () => redis.kill())
  return port
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { readonly port: number }
      server.close(() => resolve(port))
    })
  })
}
