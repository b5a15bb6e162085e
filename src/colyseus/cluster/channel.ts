import type { ClusterMessage } from './cluster-message.ts'

/** What the processes of a cluster have in common. */
export interface Channel {
  /** The name of this process. */
  readonly process: string
  /** Sends a message to all processes, this one among them. Resolves with their number. */
  send(message: ClusterMessage): Promise<number>
  /** Calls `listener` with each message. Returns a function that removes it. */
  listen(listener: (message: ClusterMessage) => void): () => void
  /** Resolves with whether a process is alive. */
  isAlive(process: string): Promise<boolean>
  /** Begins a publication. Resolves with `false` while another one is under way. */
  begin(id: string, sha256: string, bytes: Uint8Array): Promise<boolean>
  /** Resolves with whether a publication of a process is under way. Not if that process ended. */
  isUnderWay(id: string, process: string): Promise<boolean>
  /** Ends a publication that began. */
  end(id: string): Promise<void>
  /** Resolves with the code of a publication under way, or of an accepted one. */
  code(sha256: string): Promise<Uint8Array | undefined>
  /** Makes a code the one that replaces `over`, the hash of the code in a game, for rooms that begin later. */
  accept(script: string, over: string, sha256: string): Promise<void>
  /** Resolves with the hash of the code that replaces `over`. */
  accepted(script: string, over: string): Promise<string | undefined>
  close(): Promise<void>
}

/** What processes share that are one. */
export class MemoryHub {
  readonly #listeners = new Map<string, Set<(message: ClusterMessage) => void>>()
  readonly #codes = new Map<string, Uint8Array>()
  readonly #accepted = new Map<string, string>()
  #publication: string | undefined

  /** Returns the channel of a process. */
  join(process: string): Channel {
    const own = new Set<(message: ClusterMessage) => void>()
    this.#listeners.set(process, own)
    return {
      process,
      send: async (message) => {
        for (const listeners of this.#listeners.values()) for (const listener of listeners) queueMicrotask(() => listener(message))
        return this.#listeners.size
      },
      listen: (listener) => {
        own.add(listener)
        return () => own.delete(listener)
      },
      isAlive: async (name) => this.#listeners.has(name),
      begin: async (id, sha256, bytes) => {
        if (this.#publication !== undefined) return false
        this.#publication = id
        this.#codes.set(sha256, bytes)
        return true
      },
      isUnderWay: async (id, publisher) => this.#publication === id && this.#listeners.has(publisher),
      end: async (id) => {
        if (this.#publication === id) this.#publication = undefined
      },
      code: async (sha256) => this.#codes.get(sha256),
      accept: async (script, over, sha256) => void this.#accepted.set(`${script} ${over}`, sha256),
      accepted: async (script, over) => this.#accepted.get(`${script} ${over}`),
      close: async () => void this.#listeners.delete(process),
    }
  }
}
