import { ScriptError } from '../errors.ts'
import type { Guest, GuestKind } from './guest.ts'

/** Kinds of module that this version recognises but cannot run. Loading one rejects with an error that names the kind. */
export const unavailableGuests: readonly Guest[] = [
  unavailable('component', isComponent, 'WebAssembly component; give the core module that it was made of'),
]

function unavailable(kind: GuestKind, claims: Guest['claims'], what: string): Guest {
  const refuse = (): Promise<never> => Promise.reject(new ScriptError('EngineUnavailable', `this version runs no ${what}`))
  return {
    kind,
    capabilities: { snapshot: false, resumes: false, perEntity: false, inline: false },
    claims,
    describe: refuse,
    open: refuse,
  }
}

/** Returns whether the header of a binary has the layer of components. The layer of a core module is 0. */
function isComponent(bytes: Uint8Array): boolean {
  return bytes[6] === 1 && bytes[7] === 0
}
