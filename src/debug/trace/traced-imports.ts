import type { Column } from '../../ecs/components/components.ts'
import type { TraceBuffer } from './trace-buffer.ts'
import { isWriteTraced, type TraceRequest } from './trace-request.ts'

/** A call of an import that is not code of the module: what it was given and gave, and the read or write of a field if it was one. */
export interface HostCall {
  readonly args: readonly unknown[]
  result: unknown
  /** What it threw. */
  error?: unknown
  readonly read?: { readonly entity: number; readonly value: number }
  readonly write?: { readonly entity: number; readonly old: number; readonly value: number }
}

/** What {@link traceImports} records with. */
export interface ImportTrace extends Pick<TraceRequest, 'calls' | 'reads' | 'writes'> {
  readonly trace: TraceBuffer
  /** Keeps a call and returns its index. */
  readonly add: (call: HostCall) => number
  /** Counts the calls in progress. */
  readonly nest: (by: 1 | -1) => void
  readonly columnOf: (field: string) => Column | undefined
}

type Call = (...args: unknown[]) => unknown

/** Import modules whose calls only read, and call no script. */
const READS: ReadonlySet<string> = new Set(['ecs.get', 'ecs.has', 'ecs.entity', 'math', 'config.number', 'config.flag'])
const GET = 'ecs.get'
const SET = 'ecs.set'

/** Returns the imports of an instance with those replaced whose calls are recorded. */
export function traceImports(imports: WebAssembly.Imports, parts: ImportTrace): WebAssembly.Imports {
  const traced: Record<string, WebAssembly.ModuleImports> = {}
  for (const [module, own] of Object.entries(imports)) {
    traced[module] = Object.fromEntries(
      Object.entries(own).map(([name, value]) => [
        name,
        typeof value === 'function' ? traceImport(module, name, value as Call, parts) : value,
      ]),
    )
  }
  return traced
}

function traceImport(module: string, name: string, call: Call, parts: ImportTrace): WebAssembly.ImportValue {
  if (module === GET && parts.reads) return traceRead(name, call, parts)
  if (READS.has(module)) return call
  if (module === SET) {
    const { writes } = parts
    return isWriteTraced(writes, name) ? traceWrite(name, call, parts) : call
  }
  return traceCall(call, parts)
}

/** Records a read once it has been done. */
function traceRead(field: string, call: Call, { trace, add, columnOf }: ImportTrace): Call {
  return (given) => {
    const site = trace.get('site')
    const result = call(given)
    const entity = (given as number) >>> 0
    const value = columnOf(field)?.array()[entity]
    if (value !== undefined) trace.record(site, add({ args: [given], result, read: { entity, value } }))
    return result
  }
}

/** Records a write once it has been done: one that is refused writes nothing. */
function traceWrite(field: string, call: Call, { trace, add, columnOf }: ImportTrace): Call {
  return (given, written) => {
    const entity = (given as number) >>> 0
    const site = trace.get('site')
    const target = trace.get('target')
    const values = columnOf(field)?.array()
    const old = values?.[entity] ?? 0
    call(given, written)
    if (values === undefined || (target !== -1 && target !== entity)) return
    trace.record(site, add({ args: [given, written], result: undefined, write: { entity, old, value: values[entity] ?? 0 } }))
  }
}

/** Records a call, before what it causes. Another script may run within. */
function traceCall(call: Call, { trace, add, calls, nest }: ImportTrace): Call {
  return (...args) => {
    const kept: HostCall = { args, result: undefined }
    if (calls) trace.record(trace.get('site'), add(kept))
    const [depth, base, muted] = [trace.get('depth'), trace.get('base'), trace.get('muted')]
    nest(1)
    // The stack of an error would lose a frame of the script to this one.
    const frames = Error.stackTraceLimit
    Error.stackTraceLimit = frames + 1
    try {
      kept.result = call(...args)
      return kept.result
    } catch (error) {
      kept.error = error
      throw error
    } finally {
      Error.stackTraceLimit = frames
      nest(-1)
      trace.set('depth', depth)
      trace.set('base', base)
      trace.set('muted', muted)
    }
  }
}
