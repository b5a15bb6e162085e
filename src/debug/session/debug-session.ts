import type { DebugProtocol } from '@vscode/debugprotocol'
import { ScriptError } from '../../errors.ts'
import { invalidOption } from '../../options.ts'
import type { Past } from '../past/past.ts'
import type { SteppedSource } from '../step/sources.ts'
import { Stepper } from '../step/stepper.ts'
import type { Direction } from '../step/stop.ts'
import { CAPABILITIES } from './capabilities.ts'
import { runCommand } from './console.ts'
import { SessionBreakpoints } from './session-breakpoints.ts'
import { readFieldOfEntity, ShownVariables } from './shown-variables.ts'
import { SourcePaths } from './source-paths.ts'
import { StopView } from './stop-view.ts'

/** Options of a session. */
export interface DebugSessionOptions {
  /** What is debugged, such as `game.rec`. */
  readonly title: string
  /** The folder from which the names of files are. @default they are whole */
  readonly root?: string | undefined
  /** Returns the path of a file of the game that a recording names from a folder; `undefined` if it is not there. @default none is there */
  readonly callerPath?: (file: string) => string | undefined
  /** Whether the game runs on: `continue` at the end of the past then waits for what comes. @default false */
  readonly isLive?: boolean
  /** The tick at which it begins. @default the first; of a game that runs on, none */
  readonly tick?: number | undefined
  /** Sends an event of the protocol to the editor. */
  readonly send: (event: string, body: object) => void
}

const THREAD = 1
/** Milliseconds between two looks at what came. */
const LOOK_EVERY = 200

/** What is done at once: it ends what the requests before it do. */
const AT_ONCE: ReadonlySet<string> = new Set(['pause', 'terminate', 'disconnect'])

type Handler = (args: never) => unknown

/**
 * What an editor asks of a debugger in the Debug Adapter Protocol, for one past. It knows no transport: a process hands it requests from an editor, and a
 * page those that came through the development server.
 *
 * @example
 * const session = new DebugSession(past, { title: 'game', send: (event, body) => connection.send({ event, body }) })
 * connection.onRequest(({ command, args }) => session.handle(command, args))
 */
export class DebugSession {
  /** What an editor may ask of it: the answer to `initialize`. */
  static readonly capabilities: object = CAPABILITIES

  readonly #past: Past
  readonly #options: DebugSessionOptions
  readonly #stepper: Stepper
  readonly #paths: SourcePaths
  readonly #variables = new ShownVariables()
  readonly #view: StopView
  readonly #breakpoints: SessionBreakpoints
  #sources: readonly SteppedSource[] = []
  /** Resolves when the requests before the next one are answered. */
  #answered: Promise<unknown> = Promise.resolve()
  /** Ends the looking of a `continue`. */
  #running: AbortController | undefined
  #isClosed = false

  /** Begins at the end of the past, or at a tick. */
  constructor(past: Past, options: DebugSessionOptions) {
    this.#past = past
    this.#options = options
    this.#paths = new SourcePaths(options.root, options.callerPath)
    this.#stepper = new Stepper(past, { onLog: (line, tick) => this.#print(`tick ${tick}: ${line}`, 'stdout') })
    this.#view = new StopView({ stepper: this.#stepper, paths: this.#paths, variables: this.#variables })
    this.#breakpoints = new SessionBreakpoints(this.#stepper)
  }

  /**
   * Answers a request with the body of its response, after those before it: an editor does not wait for the response to `setBreakpoints` before it
   * sends `continue`. `pause`, `terminate` and `disconnect` are answered at once. Rejects with an `Error` that an editor shows.
   *
   * @example
   * const { stackFrames } = await session.handle('stackTrace', { threadId: 1 })
   */
  async handle(command: string, args: unknown): Promise<object> {
    const handler = (this.#handlers as Readonly<Record<string, Handler>>)[command]
    if (handler === undefined || !Object.hasOwn(this.#handlers, command)) throw new Error(`the debugger does not know '${command}'`)
    const before = AT_ONCE.has(command) ? undefined : this.#answered
    const answer = this.#answer(handler, args, before)
    if (before !== undefined) this.#answered = answer.catch(() => undefined)
    return answer
  }

  /**
   * Ends what is looked for.
   *
   * @example
   * session.close()
   */
  close(): void {
    this.#isClosed = true
    this.#running?.abort()
  }

  readonly #handlers = {
    initialize: () => CAPABILITIES,
    setBreakpoints: async ({ source, breakpoints = [] }: DebugProtocol.SetBreakpointsArguments) => {
      const found = this.#paths.find(await this.#readSources(), source)
      return { breakpoints: await this.#breakpoints.setLines(source, found, breakpoints) }
    },
    breakpointLocations: async ({ source, line, endLine = line }: DebugProtocol.BreakpointLocationsArguments) => {
      const lines = this.#paths.find(await this.#readSources(), source)?.lines ?? []
      return { breakpoints: lines.filter((each) => each >= line && each <= endLine).map((each) => ({ line: each })) }
    },
    dataBreakpointInfo: async ({ name, variablesReference }: DebugProtocol.DataBreakpointInfoArguments) => {
      const shown =
        variablesReference === undefined ? undefined : (await this.#variables.get(variablesReference)).find((each) => each.name === name)
      const text = shown?.evaluateName ?? name
      const entity = readFieldOfEntity(text) === undefined && /^\s*\w+\.\w+\s*$/.test(text) ? await this.#stepper.entity() : undefined
      const dataId = entity === undefined ? text.trim() : `${text.trim()}[${entity}]`
      if (readFieldOfEntity(dataId) === undefined)
        return {
          dataId: null,
          description: `'${name}' is no field of an entity; those have breakpoints on writes, such as Health.points[12]`,
        }
      return { dataId, description: dataId, accessTypes: ['write'], canPersist: true }
    },
    setDataBreakpoints: async ({ breakpoints }: DebugProtocol.SetDataBreakpointsArguments) => ({
      breakpoints: await this.#breakpoints.setData(breakpoints),
    }),
    setExceptionBreakpoints: async ({ filters }: DebugProtocol.SetExceptionBreakpointsArguments) => ({
      breakpoints: await this.#breakpoints.setFaults(filters.includes('faults'), filters.length),
    }),
    configurationDone: async () => {
      const { tick, isLive = false } = this.#options
      // The response comes first.
      setTimeout(() => this.#do(() => this.#begin(tick, isLive)))
    },
    threads: () => ({ threads: [{ id: THREAD, name: `${this.#options.title}: ${this.#where()}` }] }),
    stackTrace: (args: DebugProtocol.StackTraceArguments) => this.#view.stackTrace(args, this.#sources),
    scopes: (args: DebugProtocol.ScopesArguments) => this.#view.scopes(args),
    variables: async ({ variablesReference }: DebugProtocol.VariablesArguments) => ({
      variables: (await this.#variables.get(variablesReference)).map((shown) => this.#variables.describe(shown)),
    }),
    continue: () => this.#continue('forward'),
    reverseContinue: () => this.#continue('back'),
    next: () => this.#step('over', 'forward'),
    stepIn: () => this.#step('in', 'forward'),
    stepOut: () => this.#step('out', 'forward'),
    stepBack: () => this.#step('over', 'back'),
    pause: () => this.#pause(),
    evaluate: (args: DebugProtocol.EvaluateArguments) => this.#evaluate(args),
    exceptionInfo: () => this.#view.exceptionInfo(),
    loadedSources: async () => ({ sources: (await this.#readSources()).map((source) => this.#view.sourceOf(source)) }),
    source: async ({ source, sourceReference }: DebugProtocol.SourceArguments) => {
      const found = this.#paths.find(await this.#readSources(), { ...source, sourceReference: source?.sourceReference ?? sourceReference })
      if (found?.text === undefined) invalidOption('the game does not have the text of this source')
      return { content: found.text }
    },
    disconnect: () => this.close(),
    terminate: () => {
      this.close()
      this.#options.send('terminated', {})
    },
  } satisfies Readonly<Record<string, Handler>>

  async #answer(handler: Handler, args: unknown, before: Promise<unknown> | undefined): Promise<object> {
    await before
    try {
      return ((await handler(args as never)) as object | undefined) ?? {}
    } catch (error) {
      throw error instanceof ScriptError ? new Error(error.detail) : error
    }
  }

  async #readSources(): Promise<readonly SteppedSource[]> {
    this.#sources = await this.#stepper.sources()
    return this.#sources
  }

  async #begin(tick: number | undefined, isLive: boolean): Promise<void> {
    this.#sources = await this.#stepper.sources()
    if (isLive && tick === undefined) return this.#look()
    await this.#stepper.goTo(tick ?? this.#past.first)
    this.#stopped('entry')
  }

  /** Does what an answer does not wait for. What goes wrong is shown in the console of the editor. */
  #do(work: () => Promise<void>): void {
    void work().catch((error: unknown) => {
      this.#print(error instanceof ScriptError ? error.detail : String(error), 'stderr')
      if (!this.#isClosed) this.#stopped('pause')
    })
  }

  #step(kind: 'in' | 'over' | 'out', direction: Direction): object {
    this.#do(async () => {
      await this.#stepper.step(kind, direction)
      this.#stopped()
    })
    return {}
  }

  #continue(direction: Direction): object {
    if (direction === 'forward' && this.#options.isLive === true) this.#do(() => this.#look())
    else {
      this.#do(async () => {
        const running = this.#run()
        await this.#stepper.continue(direction, running.signal)
        if (this.#running === running) this.#running = undefined
        this.#stopped()
      })
    }
    return { allThreadsContinued: true }
  }

  #run(): AbortController {
    this.#running?.abort()
    this.#running = new AbortController()
    if (this.#isClosed) this.#running.abort()
    return this.#running
  }

  /** Looks for the next stop in the past of a game that runs on, and then in what comes. */
  async #look(): Promise<void> {
    const running = this.#run()
    while (!running.signal.aborted) {
      const { reason } = await this.#stepper.continue('forward', running.signal)
      if (reason !== 'end' && reason !== 'pause') {
        this.#running = undefined
        return this.#stopped()
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY))
    }
  }

  #pause(): object {
    const { isLive = false } = this.#options
    const isLooking = this.#running !== undefined
    this.#running?.abort()
    this.#running = undefined
    if (isLive)
      this.#do(async () => {
        if (isLooking) await this.#stepper.goTo(this.#past.last)
        this.#stopped('pause')
      })
    return {}
  }

  #stopped(why?: string): void {
    if (this.#isClosed) return
    this.#variables.clear()
    const { stop } = this.#stepper
    this.#options.send('stopped', {
      ...this.#view.stopped(why),
      ...{ threadId: THREAD, hitBreakpointIds: this.#breakpoints.idsOf(stop.breakpoints) },
    })
  }

  #print(line: string, category: 'console' | 'stdout' | 'stderr'): void {
    this.#options.send('output', { category, output: `${line}\n` })
  }

  #where(): string {
    const { tick } = this.#stepper.stop
    return `tick ${tick} of ${this.#past.first} to ${this.#past.last}`
  }

  async #evaluate({ expression, frameId, context }: DebugProtocol.EvaluateArguments): Promise<object> {
    if (context === 'repl') {
      const done = await runCommand(expression, { past: this.#past, stepper: this.#stepper, breakpoints: this.#breakpoints })
      if (done?.hasMoved === true) this.#stopped('goto')
      if (done !== undefined) return { result: done.result, variablesReference: 0 }
    }
    return this.#view.evaluate({ expression, ...(frameId !== undefined && { frameId }) })
  }
}
