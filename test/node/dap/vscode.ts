import type { DebugProtocol } from '@vscode/debugprotocol'
import type { Editor } from './editor.ts'

/** What is open, and what is wanted, in VS Code. */
export interface OpenedInCode {
  readonly request: 'launch' | 'attach'
  readonly configuration: object
  /** The breakpoints of each file that has some, by path. */
  readonly breakpoints?: Readonly<Record<string, readonly DebugProtocol.SourceBreakpoint[]>>
  readonly data?: readonly DebugProtocol.DataBreakpoint[]
}

/** The arguments with which VS Code introduces itself. */
const INITIALIZE = {
  clientID: 'vscode',
  clientName: 'Visual Studio Code',
  adapterID: 'bitscript',
  pathFormat: 'path',
  linesStartAt1: true,
  columnsStartAt1: true,
  supportsVariableType: true,
  supportsVariablePaging: true,
  supportsRunInTerminalRequest: true,
  locale: 'en',
  supportsProgressReporting: true,
  supportsInvalidatedEvent: true,
  supportsMemoryReferences: true,
  supportsArgsCanBeInterpretedByShell: true,
  supportsMemoryEvent: true,
  supportsStartDebuggingRequest: true,
  supportsANSIStyling: true,
}

/** Begins a session in the order in which VS Code does. Resolves with what became of the breakpoints of lines, and of those of fields. */
export async function beginInCode(
  editor: Editor,
  { request, configuration, breakpoints = {}, data = [] }: OpenedInCode,
): Promise<{ readonly lines: readonly DebugProtocol.Breakpoint[]; readonly fields: readonly DebugProtocol.Breakpoint[] }> {
  await editor.ask('initialize', INITIALIZE)
  const began = editor.ask(request, { type: 'bitscript', request, name: 'Debug', ...configuration, __sessionId: '7c7ae1a4' })
  await Promise.race([began, editor.heard('initialized')])
  const lines: DebugProtocol.Breakpoint[] = []
  for (const [path, own] of Object.entries(breakpoints)) {
    const { breakpoints: set } = await editor.ask<DebugProtocol.SetBreakpointsResponse['body']>('setBreakpoints', {
      source: { name: path.replace(/^.*\//, ''), path },
      lines: own.map(({ line }) => line),
      breakpoints: own,
      sourceModified: false,
    })
    lines.push(...set)
  }
  const { breakpoints: fields } = await editor.ask<DebugProtocol.SetDataBreakpointsResponse['body']>('setDataBreakpoints', {
    breakpoints: data,
  })
  await editor.ask('setExceptionBreakpoints', { filters: ['faults'] })
  await editor.ask('configurationDone')
  await began
  await editor.ask('threads')
  return { lines, fields }
}

/** What VS Code shows at a stop. */
export interface ShownInCode {
  readonly stopped: DebugProtocol.StoppedEvent['body']
  readonly frames: readonly DebugProtocol.StackFrame[]
  /** The values of each scope, by name. */
  readonly scopes: Readonly<Record<string, Readonly<Record<string, string>>>>
}

/** Waits for a stop, and asks for all that VS Code then shows. */
export async function stopInCode(editor: Editor): Promise<ShownInCode> {
  const stopped = await editor.heard<DebugProtocol.StoppedEvent['body']>('stopped')
  await editor.ask('threads')
  const stack = (startFrame: number, levels: number) =>
    editor.ask<DebugProtocol.StackTraceResponse['body']>('stackTrace', { threadId: 1, startFrame, levels })
  const { stackFrames: top, totalFrames = 1 } = await stack(0, 1)
  const frames = [...top, ...(totalFrames > 1 ? (await stack(1, 19)).stackFrames : [])]
  const { scopes } = await editor.ask<DebugProtocol.ScopesResponse['body']>('scopes', { frameId: frames[0]?.id })
  const shown: [string, Record<string, string>][] = []
  for (const { name, variablesReference } of scopes) {
    const { variables } = await editor.ask<DebugProtocol.VariablesResponse['body']>('variables', { variablesReference })
    shown.push([name, Object.fromEntries(variables.map((each) => [each.name, each.value]))])
  }
  return { stopped, frames, scopes: Object.fromEntries(shown) }
}

/** Does what a button of VS Code does, and waits for the stop. */
export async function goInCode(editor: Editor, command: string): Promise<ShownInCode> {
  await editor.ask(command, { threadId: 1 })
  return stopInCode(editor)
}
