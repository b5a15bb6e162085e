import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Duplex, Readable, Writable } from 'node:stream'
import type { DebugProtocol } from '@vscode/debugprotocol'
import { REPOSITORY } from '../../fixtures/project.ts'

/** What a debug adapter reads from and writes to. */
export interface AdapterStreams {
  readonly input: Writable
  readonly output: Readable
}

/** An editor that speaks the Debug Adapter Protocol with an adapter. */
export interface Editor {
  /** Sends a request as it is, with a number of its own. Resolves and rejects as `ask` does. */
  send<Body = Record<string, unknown>>(request: DebugProtocol.Request): Promise<Body>
  /** Sends a request; resolves with the body of the response. Rejects with the message of one that failed. */
  ask<Body = Record<string, unknown>>(command: string, args?: object): Promise<Body>
  /** Resolves with the body of the next event of that name, counted from the last one that was waited for. */
  heard<Body = Record<string, unknown>>(event: string): Promise<Body>
  /** All that was printed in the console. */
  printed(): string
  /** What has been sent and received, without numbers. */
  readonly messages: readonly DebugProtocol.ProtocolMessage[]
}

/** Starts an editor on the streams of an adapter. */
export function startEditor({ input, output }: AdapterStreams): Editor {
  const waiting = new Map<number, { resolve(body: unknown): void; reject(error: Error): void }>()
  const events: DebugProtocol.Event[] = []
  const listeners = new Set<() => void>()
  const messages: DebugProtocol.ProtocolMessage[] = []
  const read = new Map<string, number>()
  let seq = 1
  let buffer = Buffer.alloc(0)
  const receive = (message: DebugProtocol.ProtocolMessage): void => {
    messages.push(message)
    if (message.type === 'event') {
      events.push(message as DebugProtocol.Event)
      for (const listener of listeners) listener()
      return
    }
    const { request_seq, success, body, message: why } = message as DebugProtocol.Response
    if (success) waiting.get(request_seq)?.resolve(body)
    else waiting.get(request_seq)?.reject(new Error(why))
    waiting.delete(request_seq)
  }
  output.on('data', (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk])
    for (;;) {
      const head = buffer.indexOf('\r\n\r\n')
      const length = Number(/Content-Length: (\d+)/.exec(buffer.toString('utf8', 0, Math.max(0, head)))?.[1])
      if (head < 0 || buffer.length < head + 4 + length) return
      receive(JSON.parse(buffer.toString('utf8', head + 4, head + 4 + length)) as DebugProtocol.ProtocolMessage)
      buffer = buffer.subarray(head + 4 + length)
    }
  })
  output.on('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('the adapter has ended'))
  })
  const send = <Body>(request: DebugProtocol.Request): Promise<Body> =>
    new Promise((resolve, reject) => {
      messages.push(request)
      waiting.set(request.seq, { resolve: resolve as (body: unknown) => void, reject })
      const text = JSON.stringify(request)
      input.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`)
    })
  return {
    ...{ messages, send },
    ask: (command, args) => send({ seq: seq++, type: 'request', command, ...(args && { arguments: args }) }),
    heard: (name) =>
      new Promise((resolve) => {
        const look = (): void => {
          const from = read.get(name) ?? 0
          const index = events.findIndex(({ event }, each) => each >= from && event === name)
          if (index < 0) return
          read.set(name, index + 1)
          listeners.delete(look)
          resolve(events[index]?.body as never)
        }
        listeners.add(look)
        look()
      }),
    printed: () => events.flatMap(({ event, body }) => (event === 'output' ? [body.output as string] : [])).join(''),
  }
}

/** An editor, and the command that it started. */
export interface StartedCommand {
  readonly editor: Editor
  /** The exit code. */
  readonly ended: Promise<number | null>
  stop(): void
}

/** Starts an editor with the command of its own, as one that knows a command does. */
export function startCommand(
  folder: string,
  command: readonly string[] = [join(REPOSITORY, 'dist/node/command.js'), 'dap'],
): StartedCommand {
  const child = spawn(process.execPath, command, { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  return { editor: startEditor({ input: child.stdin, output: child.stdout }), ended, stop: () => void child.kill() }
}

/** Starts an editor on a connection. */
export function startOn(socket: Duplex): Editor {
  return startEditor({ input: socket, output: socket })
}
