import { ScriptError } from '../../errors.ts'
import { type Message, messageBytes } from './message.ts'

/** A request of the host that has no reply yet. */
interface Request {
  readonly to: string
  readonly resolve: (data: unknown) => void
  readonly reject: (error: ScriptError) => void
  /** The completed ticks at which it fails. */
  readonly deadline: number
}

/** The messages that wait, and the number of the next request. */
export interface MessagesImage {
  readonly waiting: readonly Message[]
  readonly nextId: number
}

/** The messages between scripts and from the host, in the order in which they were sent. Each is delivered in the next tick. */
export class MessageQueue {
  #waiting: Message[] = []
  readonly #counts = new Map<string, number>()
  /** The bytes that they have as JSON, by receiver. */
  readonly #bytes = new Map<string, number>()
  readonly #requests = new Map<number, Request>()
  #nextId = 1

  /** How many messages wait for a script. */
  waitingFor(name: string): number {
    return this.#counts.get(name) ?? 0
  }

  /** How many bytes the messages that wait for a script have as JSON. */
  bytesFor(name: string): number {
    return this.#bytes.get(name) ?? 0
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#requests.size === 0
  }

  push(message: Message): void {
    this.#waiting.push(message)
    this.#count(message, 1)
  }

  /** Removes and returns the messages that wait, except those for which `stays` returns `true`. */
  take(stays: (message: Message) => boolean): readonly Message[] {
    const taken = this.#waiting
    this.#waiting = []
    this.#counts.clear()
    this.#bytes.clear()
    const now: Message[] = []
    for (const message of taken) {
      if (stays(message)) this.push(message)
      else now.push(message)
    }
    return now
  }

  /** Removes and returns the messages for one script. */
  takeFor(name: string): readonly Message[] {
    return this.waitingFor(name) === 0 ? [] : this.take(({ to }) => to !== name)
  }

  /** Returns the number of a new request. */
  number(): number {
    return this.#nextId++
  }

  /** Adds a request of the host. Resolves with the reply. */
  request(id: number, to: string, deadline: number): Promise<unknown> {
    return new Promise((resolve, reject) => this.#requests.set(id, { to, resolve, reject, deadline }))
  }

  /** Ends a request of the host with its reply, or with an error. Does nothing if it has ended already. */
  answer(id: number, reply: { readonly data: unknown } | ScriptError): void {
    const request = this.#requests.get(id)
    this.#requests.delete(id)
    if (reply instanceof ScriptError) request?.reject(reply)
    else request?.resolve(reply.data)
  }

  /** Ends the requests whose deadline has passed. */
  expire(tick: number): void {
    for (const [id, { to, deadline }] of this.#requests) {
      if (deadline <= tick) this.answer(id, new ScriptError('Timeout', 'it did not reply in time (ticks of the request)', { script: to }))
    }
  }

  /** Ends all requests with an error. */
  abandon(code: 'Disposed' | 'Timeout', why: string): void {
    for (const [id, { to }] of this.#requests) this.answer(id, new ScriptError(code, why, { script: to }))
  }

  save(): MessagesImage {
    return { waiting: [...this.#waiting], nextId: this.#nextId }
  }

  restore({ waiting, nextId }: MessagesImage): void {
    this.abandon('Timeout', 'the game was restored before the script replied')
    this.truncate(0)
    for (const message of waiting) this.push(message)
    this.#nextId = nextId
  }

  get length(): number {
    return this.#waiting.length
  }

  /** Removes the last messages, so that `length` remain. */
  truncate(length: number): void {
    for (const message of this.#waiting.splice(length)) this.#count(message, -1)
  }

  #count(message: Message, by: 1 | -1): void {
    const { to } = message
    this.#counts.set(to, this.waitingFor(to) + by)
    this.#bytes.set(to, this.bytesFor(to) + by * messageBytes(message))
  }
}
