import { keepColumns } from '../../ecs/entities/access.ts'
import type { GuestInstance } from '../../guest/guest.ts'
import type { Allowance } from '../../host/services/invocations.ts'
import { inScript, reportFault } from './faults.ts'
import { allowance, invoke } from './invoke.ts'
import type { Script } from './script.ts'
import { runStep } from './step.ts'
import type { Store } from './store.ts'

/** How an export is called: by numbers, by JSON or by bytes. */
export type CallExport<Argument> = (instance: GuestInstance, name: string, argument: Argument) => unknown

export const callNumbers: CallExport<readonly (number | bigint)[]> = (instance, name, numbers) => instance.call(name, numbers)
export const callJson: CallExport<unknown> = (instance, name, value) => instance.callJson(name, value)
export const callBytes: CallExport<Uint8Array> = (instance, name, bytes) => instance.callBytes(name, bytes)

/** One call of an export by the host, and the fuel that it has left. */
interface ExportCall extends Allowance {
  readonly script: Script
  readonly instance: GuestInstance
  readonly name: string
  readonly call: CallExport<unknown>
  readonly argument: unknown
}

/** Calls an export of a script for the host, as a step. Throws the error that ends it. Listeners hear of a fault, too; the console does not. */
export function callExport<Argument>(
  store: Store,
  script: Script,
  instance: GuestInstance,
  name: string,
  call: CallExport<Argument>,
  argument: Argument,
): unknown {
  const { fuel } = allowance(script)
  return runStep(store, runCall, { script, instance, name, call: call as CallExport<unknown>, argument, fuel })
}

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
