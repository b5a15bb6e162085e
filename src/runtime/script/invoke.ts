import type { GuestInstance } from '../../guest/guest.ts'
import { parseMetadata, readMetadata, type ScriptMetadata } from '../api/metadata.ts'
import type { Generation } from './generation.ts'
import type { Script } from './script.ts'
import type { Store } from './store.ts'

/** Fuel that several invocations spend together. */
export interface Allowance {
  /** Units that are left. */
  fuel: number
}

/** Fuel for one call, or for one of the steps of a reload. */
export function allowance(script: Script): Allowance {
  return { fuel: script.options.limits.fuel }
}

/**
 * Runs `work`, which enters a script. Whatever enters a script goes through here: the invocation has a budget of fuel, counts its depth
 * from 0, ends with the error of a call that was refused even if the script caught it, and, if it ends abnormally, puts
 * stack pointers back. What it spends is taken from the allowance.
 *
 * Throws what ended the script, with its place there, and errors of `work` itself as they are.
 */
export function invoke<Result>(store: Store, instance: GuestInstance, left: Allowance, work: () => Result): Result {
  const before = left.fuel
  return store.invocations.run(instance.meter, before, (units) => spend(left, units), work)
}

function spend(left: Allowance, units: number): void {
  left.fuel -= units
}

/** Makes an instance of a generation and runs its start function. Throws what ends it. */
export function makeInstance(store: Store, { program }: Generation, left: Allowance): GuestInstance {
  const instance = program.instantiate()
  invoke(store, instance, left, () => instance.start())
  return instance
}

/** Asks an instance for its metadata. Throws `InvalidMetadata`, `AbiMismatch`. */
export function askMetadata(store: Store, instance: GuestInstance, left: Allowance): ScriptMetadata | undefined {
  if (!instance.roles.getMetadata) return undefined
  return parseMetadata(readMetadata(() => invoke(store, instance, left, () => instance.readMetadata())))
}

/** Gives an instance the state that a generation with this `state_version` saved. Throws `StateRejected`. */
export function giveState(
  store: Store,
  script: Script,
  instance: GuestInstance,
  left: Allowance,
  state: unknown,
  version: number | undefined,
): void {
  script.stateVersion = version ?? 0
  try {
    invoke(store, instance, left, () => instance.writeState(state))
  } finally {
    script.stateVersion = 0
  }
}
