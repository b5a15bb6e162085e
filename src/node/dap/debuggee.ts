/** What an editor debugs: a game of this process, or one in a page. */
export interface Debuggee {
  /** Answers a request with the body of its response. Rejects with an `Error` that an editor shows. */
  handle(command: string, args: unknown): Promise<object>
  /** Ends it. */
  close(): void
}

/** Sends an event to the editor. */
export type SendEvent = (event: string, body: object) => void
