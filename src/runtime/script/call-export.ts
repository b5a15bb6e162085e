import { keepColumns } from '../../ecs/entities/access.ts'
import type { GuestInstance } from '../../guest/guest.ts'
import type { Allowance } from '../../host/services/invocations.ts'
import { recordInput } from '../api/input-log.ts'
import type { ScriptId } from '../api/script-info.ts'
import { asData } from './call-data.ts'
import { inScript, reportFault } from './faults.ts'
import { findLoaded } from './find-script.ts'
import { allowance, invoke } from './invoke.ts'
import type { Script } from './script.ts'
import { runStep } from './step.ts'
import type { Store } from './store.ts'

/** How an export is called: by numbers, by JSON or by bytes. */
type CallExport<Argument> = (instance: GuestInstance, name: string, argument: Argument) => unknown

const byNumbers: CallExport<readonly (number | bigint)[]> = (instance, name, numbers) => instance.call(name, numbers)
const byJson: CallExport<unknown> = (instance, name, value) => instance.callJson(name, value)
const byBytes: CallExport<Uint8Array> = (instance, name, bytes) => instance.callBytes(name, bytes)

/** One call of an export by the host, and the fuel that it has left. */
interface ExportCall extends Allowance {
  readonly script: Script
  readonly instance: GuestInstance
  readonly name: string
  readonly call: CallExport<unknown>
  readonly argument: unknown
}

/** Calls an export with numbers. */
export function callWithNumbers(store: Store, id: ScriptId, name: string, numbers: (number | bigint)[]): unknown {
  const call = exportCall(store, id, name, byNumbers, numbers)
  recordInput(store, () => ({ kind: 'call', script: call.script.name, name, args: numbers }))
  return runStep(store, runCall, call)
}

/** Calls an export, and converts its argument and its result as its signature requires. */
export function callWithJson(store: Store, id: ScriptId, name: string, arg: unknown): unknown {
  const call = exportCall(store, id, name, byJson, arg)
  recordInput(store, () => {
    const script = call.script.name
    return { kind: 'callJson', script, name, arg: asData(arg, { script, scriptId: id, export: name }) }
  })
  return runStep(store, runCall, call)
}

/** Calls an export that takes and returns bytes. */
export function callWithBytes(store: Store, id: ScriptId, name: string, bytes: Uint8Array): unknown {
  const call = exportCall(store, id, name, byBytes, bytes)
  recordInput(store, () => ({ kind: 'callBytes', script: call.script.name, name, bytes: bytes.slice() }))
  return runStep(store, runCall, call)
}

function exportCall<Argument>(store: Store, id: ScriptId, name: string, call: CallExport<Argument>, argument: Argument): ExportCall {
  const script = findLoaded(store, id)
  const { fuel } = allowance(script)
  return { script, instance: script.running.instance, name, call: call as CallExport<unknown>, argument, fuel }
}

/** Runs a call as a part of a step. Throws the error that ends it. Listeners hear of a fault, too; the console does not. */
function runCall(store: Store, call: ExportCall): unknown {
  const { script, instance, name } = call
  // Another script's init or reload, whose host function calls this one, may yet be taken back.
  if (store.ecs.journal.isOpen) keepColumns(store.ecs, script.running?.generation.program.written ?? [])
  try {
    return invoke(store, instance, call, enterExport, call)
  } catch (error) {
    const context = { export: name }
    // An error before or after the script ran, such as a wrong argument, is not a fault of the script.
    if (!store.invocations.endedInside) throw inScript(script, error, context)
    const fault = reportFault(store, script, error, context)
    store.emitter.markThrown(fault)
    throw fault
  }
}

function enterExport({ instance, name, call, argument }: ExportCall): unknown {
  return call(instance, name, argument)
}
