import { createServer, type Socket } from 'node:net'
import { Writable } from 'node:stream'
import { print } from '../output.ts'
import { Adapter } from './adapter.ts'

/** Options of `bitscript dap`. */
export interface DapOptions {
  /** Listens at this port of this machine. @default stdin and stdout are used */
  readonly port?: number
  /** Ends the server. */
  readonly signal: AbortSignal
}

/** Serves the Debug Adapter Protocol until the editor disconnects, or, with a port, until it is ended. Resolves with the exit code. */
export async function dap({ port, signal }: DapOptions): Promise<number> {
  if (port === undefined) await serveStandard(signal)
  else await servePort(port, signal)
  return 0
}

function serveStandard(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const write = process.stdout.write.bind(process.stdout)
    const adapter = new Adapter(process.cwd(), () => {
      process.stdin.destroy()
      resolve()
    })
    // What the game prints would be read as a message.
    process.stdout.write = ((chunk: string | Uint8Array): boolean => {
      adapter.print(String(chunk), 'stdout')
      return true
    }) as typeof process.stdout.write
    signal.addEventListener('abort', () => adapter.end())
    adapter.start(process.stdin, new Writable({ write: (chunk: Buffer, _, done) => void write(chunk, () => done()) }))
  })
}

function servePort(port: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
      const adapter = new Adapter(process.cwd(), () => socket.end())
      adapter.start(socket, socket)
    })
    server.on('error', reject)
    server.on('close', resolve)
    // No other machine is to run code here.
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      print(`Debug Adapter Protocol at 127.0.0.1:${typeof address === 'object' ? address?.port : port}`)
    })
    signal.addEventListener('abort', () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    })
  })
}
