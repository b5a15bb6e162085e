import { EXPORT } from '../../abi/exports.ts'
import { ScriptError } from '../../errors.ts'
import type { GuestInstance, StateVersions } from '../../guest/guest.ts'
import type { Allowance } from '../../host/services/invocations.ts'
import { parseMetadata, readMetadata, type ScriptMetadata } from '../api/metadata.ts'
import type { Generation } from './generation.ts'
import { makeCounted, releasePages } from './pages.ts'
import type { Script } from './script.ts'
import type { Store } from './store.ts'

/** Returns the fuel for one call, or for one step of a reload. */
export function allowance(script: Script): Allowance {
  return { fuel: script.options.limits.fuel }
}

/**
 * Runs `work`, which calls into a script. Every call into a script goes through this function: it limits the fuel, counts
 * depth from 0, throws the error of a refused call even if the script caught it, and restores the stack pointers if the call
 * ends abnormally. The fuel spent is subtracted from the allowance.
 *
 * Throws the error that ended the script, with its location in the script; `Trap` for an instance that trapped and is not replaced. Errors of `work` itself are rethrown unchanged.
 */
export function invoke<Result>(store: Store, instance: GuestInstance, left: Allowance, work: () => Result): Result
/** Runs `work` with an argument. What runs often needs no closure in this way. */
export function invoke<Argument, Result>(
  store: Store,
  instance: GuestInstance,
  left: Allowance,
  work: (argument: Argument) => Result,
  argument: Argument,
): Result
export function invoke<Result>(
  store: Store,
  instance: GuestInstance,
  left: Allowance,
  work: (argument: unknown) => Result,
  argument?: unknown,
): Result {
  const isTrapped = store.renewal?.isTrapped(instance) === true
  return store.invocations.run(instance.meter, left, isTrapped ? refuseTrapped : work, argument)
}

function refuseTrapped(): never {
  throw new ScriptError('Trap', 'it trapped, and has not been made anew yet')
}

/** Returns whether a script is running, in any of its instances: it called a host function that has not returned. */
export function isInCall({ invocations }: Store, { running, isInTransaction }: Script): boolean {
  if (running === undefined || isInTransaction) return isInTransaction
  return [running.instance, ...running.entityInstances.values(), ...running.jobInstances].some(({ meter }) => invocations.runs(meter))
}

/** Creates an instance of a generation and runs its start function. Throws the error that ends it, `OutOfMemory`. */
export function makeInstance(store: Store, { program }: Generation, left: Allowance): GuestInstance {
  const instance = makeCounted(program)
  try {
    invoke(store, instance, left, () => instance.start())
    return instance
  } catch (error) {
    releasePages(program, instance)
    throw error
  }
}

/** Reads the metadata of an instance, and compares its version with that of its manifest. Throws `InvalidMetadata`, `AbiMismatch`. */
export function readInstanceMetadata(
  store: Store,
  generation: Generation,
  instance: GuestInstance,
  left: Allowance,
): ScriptMetadata | undefined {
  const { program } = generation
  // That of a plugin in a worker would come too late.
  if (program.source.mod !== undefined && instance.late === undefined && program.typeOf(EXPORT.getVersion) !== undefined)
    program.source.mod.checkVersion(invoke(store, instance, left, () => instance.callBytes(EXPORT.getVersion, new Uint8Array())))
  if (!instance.roles.getMetadata) return undefined
  return parseMetadata(readMetadata(() => invoke(store, instance, left, () => instance.readMetadata())))
}

/**
 * Passes a state to an instance that takes it. `version` is the `state_version` of the generation that saved it. Returns whether it was
 * written as it is. Throws `StateRejected`.
 */
export function passState(
  store: Store,
  script: Script,
  instance: GuestInstance,
  left: Allowance,
  state: unknown,
  versions: StateVersions,
): boolean {
  script.stateVersion = versions.saved
  try {
    return invoke(store, instance, left, () => instance.writeState(state, versions))
  } finally {
    script.stateVersion = 0
  }
}
