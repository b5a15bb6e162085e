import type { DebugProtocol } from '@vscode/debugprotocol'
import { formatFrame } from '../../errors.ts'
import { invalidOption } from '../../options.ts'
import type { SteppedSource } from '../step/sources.ts'
import type { Stepper } from '../step/stepper.ts'
import type { Stop, StopWrite } from '../step/stop.ts'
import type { TraceFrame } from '../trace/trace-event.ts'
import { type Shown, type ShownVariables, showEntity, showNumber, showNumbers, writerName } from './shown-variables.ts'
import type { SourcePaths } from './source-paths.ts'

/** What a view of a stop is made of. */
export interface StopViewParts {
  readonly stepper: Stepper
  readonly paths: SourcePaths
  readonly variables: ShownVariables
}

/** Shows in the words of the protocol where a stepper is: its functions, their variables, and its fault. */
export class StopView {
  readonly #stepper: Stepper
  readonly #paths: SourcePaths
  readonly #variables: ShownVariables

  constructor({ stepper, paths, variables }: StopViewParts) {
    this.#stepper = stepper
    this.#paths = paths
    this.#variables = variables
  }

  /** Returns the body of the event that says that it stopped, and why: `why`, or the reason of the stop. */
  stopped(why: string | undefined): object {
    const { reason, error, writes, tick } = this.#stepper.stop
    const description = error?.detail ?? (writes.length > 0 ? writes.map(describeWrite).join('; ') : DESCRIPTIONS[reason])
    return {
      ...{ reason: why ?? REASONS[reason], allThreadsStopped: true },
      ...(description !== undefined && { description: `${description}, tick ${tick}` }),
      ...(error !== undefined && { text: error.detail }),
    }
  }

  /** Answers `stackTrace`. `sources` are those that are known. */
  async stackTrace(
    { startFrame = 0, levels = 0 }: Pick<DebugProtocol.StackTraceArguments, 'startFrame' | 'levels'>,
    sources: readonly SteppedSource[],
  ): Promise<object> {
    const stack = await this.#stepper.stack()
    const { stop } = this.#stepper
    const frames: DebugProtocol.StackFrame[] = stack.map((frame, index) => ({
      ...{ id: index + 1, name: `${frame.script}.${frame.function}`, line: frame.place?.line ?? 0, column: frame.place?.column ?? 0 },
      ...this.#frameSource(frame, sources),
    }))
    // Where the tick begins, no function runs; an editor shows nothing of a stop without a frame.
    const name =
      stack.length > 0
        ? `tick ${stop.tick}`
        : stop.writes.length > 0
          ? stop.writes.map(describeWrite).join('; ')
          : `before tick ${stop.tick}`
    frames.push({ id: stack.length + 1, name, ...this.#placeOutside(stack.length > 0, stop) })
    return { stackFrames: frames.slice(startFrame, levels > 0 ? startFrame + levels : undefined), totalFrames: frames.length }
  }

  /** Returns a source as an editor opens it: by its path, or by a number with which the editor asks for its text. */
  sourceOf(source: SteppedSource): DebugProtocol.Source {
    const path = this.#paths.pathOf(source)
    const name = nameOf(source.file)
    if (path !== undefined) return { name, path }
    return { name: /\.\w+$/.test(name) ? name : `${name}.wat`, sourceReference: this.#paths.referenceOf(source) }
  }

  /** Answers `scopes`. */
  async scopes({ frameId }: DebugProtocol.ScopesArguments): Promise<object> {
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

  /** Answers `evaluate`: an expression, or `entity 12`. */
  async evaluate({ expression, frameId = 1 }: Pick<DebugProtocol.EvaluateArguments, 'expression' | 'frameId'>): Promise<object> {
    const [, entity] = /^\s*entity\s+(\d+)\s*$/.exec(expression) ?? []
    if (entity !== undefined) {
      const components = await this.#stepper.components(Number(entity))
      if (components === undefined) invalidOption(`entity ${entity} does not exist in this tick`)
      const inner = showEntity(Number(entity), components)
      return { result: inner.map(({ name }) => name).join(', '), variablesReference: this.#variables.add(() => inner) }
    }
    const value = await this.#stepper.evaluate(expression, Math.max(0, frameId - 1))
    return { result: showNumber(value), variablesReference: 0 }
  }

  /** Answers `exceptionInfo`. */
  exceptionInfo(): object {
    const { error } = this.#stepper.stop
    if (error === undefined) invalidOption('the script did not fault here')
    const { code, message, detail, trace = [] } = error
    return {
      ...{ exceptionId: code, description: detail, breakMode: 'always' },
      // The functions of the script alone: those of the runtime say nothing of the game.
      details: {
        ...{ message, typeName: 'ScriptError', fullTypeName: `ScriptError ${code}` },
        ...(trace.length > 0 && { stackTrace: trace.map(formatFrame).join('\n') }),
      },
    }
  }

  /** Returns where the frame is that is outside of all functions of scripts: the line of the game that wrote, if that is why it stopped. */
  #placeOutside(isInScript: boolean, { writes }: Stop): Pick<DebugProtocol.StackFrame, 'line' | 'column' | 'source' | 'presentationHint'> {
    const caller = writes.find((write) => write.caller !== undefined)?.caller
    const path = caller && this.#paths.pathOfCaller(caller)
    if (isInScript || caller === undefined || path === undefined)
      return { line: 0, column: 0, presentationHint: isInScript ? 'label' : 'subtle' }
    return { line: caller.line, column: caller.column, source: { name: nameOf(path), path } }
  }

  #frameSource({ place }: TraceFrame, sources: readonly SteppedSource[]): { readonly source?: DebugProtocol.Source } {
    if (place === undefined) return {}
    const known = sources.find(({ file }) => file === place.file)
    return { source: this.sourceOf(known ?? { file: place.file, scripts: [], lines: [] }) }
  }
}

function nameOf(file: string): string {
  return file.replace(/^.*[/\\]/, '')
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

function describeWrite(write: StopWrite): string {
  const { field, entity, old, value } = write
  return `${writerName(write)} wrote ${field}[${entity}]: ${showNumber(old)} → ${showNumber(value)}`
}

function showWrite(write: StopWrite): Shown {
  const { field, entity, old, value } = write
  const name = `${field}[${entity}]`
  return { name, evaluateName: name, value: `${showNumber(old)} → ${showNumber(value)} by ${writerName(write)}` }
}

/** Returns the entity that a function has as a local. */
function entityIn(frame: TraceFrame | undefined): number | undefined {
  const found = frame?.locals.eid ?? frame?.locals.entity
  return typeof found === 'number' ? found >>> 0 : undefined
}
