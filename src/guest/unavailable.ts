import { ScriptError } from '../errors.ts'
import { decodeModule } from '../wasm/decode/decode.ts'
import type { Guest, GuestKind } from './guest.ts'

const EXTISM_PREFIX = 'extism:host/'
const EXTISM_MODULES: readonly string[] = [`${EXTISM_PREFIX}env`, `${EXTISM_PREFIX}user`]

/** Kinds of module that this version recognises but cannot run. Loading one rejects with an error that names the kind. */
export const unavailableGuests: readonly Guest[] = [
  unavailable('component', isComponent, 'WebAssembly component; give the core module that it was made of'),
  unavailable('extism', isExtismPlugin, 'Extism plugin; give a module built without the Extism PDK'),
]

function unavailable(kind: GuestKind, claims: Guest['claims'], what: string): Guest {
  return {
    kind,
    capabilities: { snapshot: false, resumes: false, perEntity: false, inline: false },
    claims,
    open() {
      return Promise.reject(new ScriptError('EngineUnavailable', `this version runs no ${what}`))
    },
  }
}

/** Returns whether the header of a binary has the layer of components. The layer of a core module is 0. */
function isComponent(bytes: Uint8Array): boolean {
  return bytes[6] === 1 && bytes[7] === 0
}

function isExtismPlugin(bytes: Uint8Array): boolean {
  // Most modules do not have to be decoded for the answer.
  if (!new TextDecoder('latin1').decode(bytes).includes(EXTISM_PREFIX)) return false
  try {
    return decodeModule(bytes as Uint8Array<ArrayBuffer>).imports.some(({ module }) => EXTISM_MODULES.includes(module))
  } catch {
    // The script guest reports modules that cannot be decoded.
    return false
  }
}
