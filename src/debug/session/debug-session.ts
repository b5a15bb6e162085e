import type { DebugProtocol } from '@vscode/debugprotocol'
import { ScriptError } from '../../errors.ts'
import type { Past } from '../past/past.ts'
import type { SteppedSource } from '../step/sources.ts'
import { Stepper } from '../step/stepper.ts'
import type { Direction, Stop, StopWrite } from '../step/stop.ts'
import type { TraceFrame } from '../trace/trace-event.ts'
import { CAPABILITIES } from './capabilities.ts'
import { runCommand } from './console.ts'
import { SessionBreakpoints } from './session-breakpoints.ts'
import { readFieldOfEntity, type Shown, ShownVariables, showEntity, showNumber, showNumbers } from './shown-variables.ts'
import { SourcePaths } from './source-paths.ts'

/** Options of a session. */
export interface DebugSessionOptions {
  /** What is debugged, such as `game.rec`. */
  readonly title: string
  /** The folder from which the names of files are. @default they are whole */
  readonly root?: string | undefined
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
  readonly #breakpoints: SessionBreakpoints
  #sources: readonly SteppedSource[] = []
  /** Ends the looking of a `continue`. */
  #running: AbortController | undefined
  #isClosed = false

  /** Begins at the end of the past, or at a tick. */
  constructor(past: Past, options: DebugSessionOptions) {
    this.#past = past
    this.#options = options
    this.#paths = new SourcePaths(options.root)
    this.#stepper = new Stepper(past, { onLog: (line, tick) => this.#print(`tick ${tick}: ${line}`, 'stdout') })
    this.#breakpoints = new SessionBreakpoints(this.#stepper)
  }

  /**
   * Answers a request with the body of its response. Rejects with an `Error` that an editor shows.
   *
   * @example
   * const { stackFrames } = await session.handle('stackTrace', { threadId: 1 })
   */
  async handle(command: string, args: unknown): Promise<object> {
    const handler = (this.#handlers as Readonly<Record<string, Handler>>)[command]
    if (handler === undefined || !Object.hasOwn(this.#handlers, command)) throw new Error(`the debugger does not know '${command}'`)
    try {
      return ((await handler(args as never)) as object | undefined) ?? {}
    } catch (error) {
      throw error instanceof ScriptError ? new Error(error.detail) : error
    }
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
    stackTrace: ({ startFrame = 0, levels = 0 }: DebugProtocol.StackTraceArguments) => this.#stackTrace(startFrame, levels),
    scopes: ({ frameId }: DebugProtocol.ScopesArguments) => this.#scopes(frameId),
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
    evaluate: ({ expression, frameId, context }: DebugProtocol.EvaluateArguments) => this.#evaluate(expression, frameId, context),
    exceptionInfo: () => this.#exceptionInfo(),
    loadedSources: async () => ({ sources: (await this.#readSources()).map((source) => this.#sourceOf(source)) }),
    source: async ({ source, sourceReference }: DebugProtocol.SourceArguments) => {
      const found = this.#paths.find(await this.#readSources(), { ...source, sourceReference: source?.sourceReference ?? sourceReference })
      if (found?.text === undefined) throw new Error('the game does not have the text of this source')
      return { content: found.text }
    },
    disconnect: () => this.close(),
    terminate: () => {
      this.close()
      this.#options.send('terminated', {})
    },
  } satisfies Readonly<Record<string, Handler>>

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
    const { reason, error, writes } = stop
    const description = error?.detail ?? (writes.length > 0 ? writes.map(describeWrite).join('; ') : DESCRIPTIONS[reason])
    this.#options.send('stopped', {
      ...{ reason: why ?? REASONS[reason], threadId: THREAD, allThreadsStopped: true },
      ...(description !== undefined && { description: `${description}, tick ${stop.tick}` }),
      ...(error !== undefined && { text: error.detail }),
      hitBreakpointIds: this.#breakpoints.idsOf(stop.breakpoints),
    })
  }

  #print(line: string, category: 'console' | 'stdout' | 'stderr'): void {
    this.#options.send('output', { category, output: `${line}\n` })
  }

  #where(): string {
    const { tick } = this.#stepper.stop
    return `tick ${tick} of ${this.#past.first} to ${this.#past.last}`
  }

  async #stackTrace(startFrame: number, levels: number): Promise<object> {
    const stack = await this.#stepper.stack()
    const { stop } = this.#stepper
    const frames: DebugProtocol.StackFrame[] = stack.map((frame, index) => ({
      ...{ id: index + 1, name: `${frame.script}.${frame.function}`, line: frame.place?.line ?? 0, column: frame.place?.column ?? 0 },
      ...this.#frameSource(frame),
    }))
    // Where the tick begins, no function runs; an editor shows nothing of a stop without a frame.
    const name =
      stack.length > 0
        ? `tick ${stop.tick}`
        : stop.writes.length > 0
          ? stop.writes.map(describeWrite).join('; ')
          : `before tick ${stop.tick}`
    frames.push({ id: stack.length + 1, name, line: 0, column: 0, presentationHint: stack.length > 0 ? 'label' : 'subtle' })
    return { stackFrames: frames.slice(startFrame, levels > 0 ? startFrame + levels : undefined), totalFrames: frames.length }
  }

  #frameSource({ place }: TraceFrame): { readonly source?: DebugProtocol.Source } {
    if (place === undefined) return {}
    const known = this.#sources.find(({ file }) => file === place.file)
    return { source: this.#sourceOf(known ?? { file: place.file, scripts: [], lines: [] }) }
  }

  #sourceOf(source: SteppedSource): DebugProtocol.Source {
    const path = this.#paths.pathOf(source)
    const name = source.file.replace(/^.*[/\\]/, '')
    if (path !== undefined) return { name, path }
    return { name: /\.\w+$/.test(name) ? name : `${name}.wat`, sourceReference: this.#paths.referenceOf(source) }
  }

  async #scopes(frameId: number): Promise<object> {
    const stack = await this.#stepper.stack()
    const frame = stack[frameId - 1]
    const { stop } = this.#stepper
    const scopes: DebugProtocol.Scope[] = []
    const add = (name: string, list: () => Promise<readonly Shown[]> | readonly Shown[], more: Partial<DebugProtocol.Scope> = {}): void => {
      scopes.push({ name, variablesReference: this.#variables.add(list), expensive: false, ...more })
    }
    if (stop.writes.length > 0) add(stop.writes.length > 1 ? 'Writes' : 'Write', () => stop.writes.map(showWrite))
    if (frame !== undefined) add('Locals', () => showNumbers(frame.locals), { presentationHint: 'locals' })
    const entity = (await this.#stepper.entity()) ?? entityIn(frame) ?? stop.writes[0]?.entity
    if (entity !== undefined) add(`Entity ${entity}`, async () => showEntity(entity, (await this.#stepper.components(entity)) ?? {}))
    if (frame !== undefined)
      add(`Globals of ${frame.script}, as tick ${stop.tick} began`, async () => showNumbers(await this.#stepper.globals(frame.script)), {
        expensive: true,
      })
    return { scopes }
  }

  async #evaluate(expression: string, frameId: number | undefined, context: string | undefined): Promise<object> {
    if (context === 'repl') {
      const done = await runCommand(expression, this.#past, this.#stepper)
      if (done?.hasMoved === true) this.#stopped('goto')
      if (done !== undefined) return { result: done.result, variablesReference: 0 }
    }
    const [, entity] = /^\s*entity\s+(\d+)\s*$/.exec(expression) ?? []
    if (entity !== undefined) {
      const components = await this.#stepper.components(Number(entity))
      if (components === undefined) throw new Error(`entity ${entity} does not exist in this tick`)
      const inner = showEntity(Number(entity), components)
      return { result: inner.map(({ name }) => name).join(', '), variablesReference: this.#variables.add(() => inner) }
    }
    const value = await this.#stepper.evaluate(expression, Math.max(0, (frameId ?? 1) - 1))
    return { result: showNumber(value), variablesReference: 0 }
  }

  #exceptionInfo(): object {
    const { error } = this.#stepper.stop
    if (error === undefined) throw new Error('the script did not fault here')
    const { code, message, detail, stack } = error
    return {
      ...{ exceptionId: code, description: detail, breakMode: 'always' },
      details: { message, typeName: 'ScriptError', fullTypeName: `ScriptError ${code}`, ...(stack !== undefined && { stackTrace: stack }) },
    }
  }
}

const REASONS: Readonly<Record<Stop['reason'], string>> = {
  step: 'step',
  goto: 'goto',
  breakpoint: 'breakpoint',
  write: 'data breakpoint',
  fault: 'exception',
  start: 'entry',
  end: 'pause',
  pause: 'pause',
}

const DESCRIPTIONS: Readonly<Partial<Record<Stop['reason'], string>>> = {
  start: 'The start of what is kept',
  end: 'The end of what is kept',
}

function describeWrite({ by, field, entity, old, value, input }: StopWrite): string {
  const who = by === 'host' ? `the game${input === undefined ? '' : ` (${input})`}` : by
  return `${who} wrote ${field}[${entity}]: ${showNumber(old)} → ${showNumber(value)}`
}

function showWrite(write: StopWrite): Shown {
  const { field, entity, old, value, by } = write
  const name = `${field}[${entity}]`
  return { name, evaluateName: name, value: `${showNumber(old)} → ${showNumber(value)} by ${by === 'host' ? 'the game' : by}` }
}

/** Returns the entity that a function has as a local. */
function entityIn(frame: TraceFrame | undefined): number | undefined {
  const found = frame?.locals.eid ?? frame?.locals.entity
  return typeof found === 'number' ? found >>> 0 : undefined
}
