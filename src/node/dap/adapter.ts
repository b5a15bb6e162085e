import { resolve } from 'node:path'
import { ProtocolServer } from '@vscode/debugadapter/lib/protocol.js'
import type { DebugProtocol } from '@vscode/debugprotocol'
import { DebugSession } from '../../debug/index.ts'
import { ScriptError } from '../../index.ts'
import type { Debuggee } from './debuggee.ts'
import { readAttach, readLaunch } from './launch-arguments.ts'
import { attachPage } from './page-game.ts'
import { playGame } from './played-game.ts'

/** Speaks the Debug Adapter Protocol with one editor. */
export class Adapter extends ProtocolServer {
  readonly #folder: string
  readonly #ended: () => void
  #debuggee: Debuggee | undefined
  #hasEnded = false

  /** `folder` is that from which paths are; `ended` is called when the editor has disconnected. */
  constructor(folder: string, ended: () => void) {
    super()
    this.#folder = folder
    this.#ended = ended
    this.on('close', () => this.end())
    // A connection that broke, or what is no message: what comes after it cannot be read either.
    this.on('error', () => this.end())
  }

  /** Ends what is debugged. */
  end(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#close()
    this.#ended()
  }

  /** Shows a line in the console of the editor. */
  print(output: string, category: 'stdout' | 'stderr'): void {
    this.#send('output', { category, output })
  }

  protected override dispatchRequest(request: DebugProtocol.Request): void {
    if (!this.#hasEnded) void this.#answer(request)
  }

  async #answer(request: DebugProtocol.Request): Promise<void> {
    const { seq, command, arguments: args } = request
    const response = { type: 'response', seq: 0, request_seq: seq, command }
    try {
      const body = await this.#handle(command, args)
      this.sendResponse({ ...response, success: true, body })
    } catch (error) {
      const message = error instanceof ScriptError || !(error instanceof Error) ? String((error as Error).message ?? error) : error.message
      this.sendResponse({
        ...response,
        success: false,
        message,
        body: { error: { id: 1, format: message.replaceAll('{', '{{'), showUser: true } },
      })
      return
    }
    // The editor now sends breakpoints.
    if (command === 'launch' || command === 'attach') this.#send('initialized', {})
    if (command === 'disconnect') this.end()
  }

  async #handle(command: string, args: unknown): Promise<object> {
    switch (command) {
      case 'initialize':
        return DebugSession.capabilities
      case 'launch': {
        const { cwd, ...game } = readLaunch(args)
        const path = (name: string | undefined): string | undefined =>
          name === undefined ? undefined : resolve(this.#folder, cwd ?? '', name)
        return this.#open(() =>
          playGame({ ...game, simulation: path(game.simulation), recording: path(game.recording), mods: path(game.mods) }, this.#send),
        )
      }
      case 'attach':
        return this.#open(() => attachPage(readAttach(args).url, this.#send))
      case 'disconnect':
        // What is gone is disconnected.
        return (await this.#debuggee?.handle(command, args).catch(() => undefined)) ?? {}
      default:
        if (this.#debuggee === undefined) throw new Error('nothing is debugged: launch a recording or a simulation, or attach to a page')
        return this.#debuggee.handle(command, args)
    }
  }

  async #open(open: () => Promise<Debuggee>): Promise<object> {
    this.#close()
    const opened = await open()
    // Meanwhile, the editor may have asked for another one, or have gone.
    this.#close()
    this.#debuggee = opened
    if (this.#hasEnded) this.#close()
    return {}
  }

  #close(): void {
    this.#debuggee?.close()
    this.#debuggee = undefined
  }

  readonly #send = (event: string, body: object): void => this.sendEvent({ type: 'event', seq: 0, event, body } as DebugProtocol.Event)
}
