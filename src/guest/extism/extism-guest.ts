import { ScriptError } from '../../errors.ts'
import { decodeModule } from '../../wasm/decode/decode.ts'
import type { Guest } from '../guest.ts'

const PREFIX = 'extism:host/'

/** The guest for Extism plugins: core modules that import the functions of the PDK. https://extism.org */
export const extismGuest: Guest = {
  kind: 'extism',
  capabilities: { snapshot: true, resumes: true, perEntity: true, inline: true },
  claims: isPlugin,
  async open(source, options) {
    // A game without plugins does not download what runs them.
    const { openPlugin } = await import('./open-plugin.ts').catch((cause: unknown) => {
      throw new ScriptError('LoadFailed', 'what runs Extism plugins could not be loaded', { cause })
    })
    return openPlugin(extismGuest, source, options)
  },
}

function isPlugin(bytes: Uint8Array): boolean {
  // Most modules do not have to be decoded for the answer.
  if (!new TextDecoder('latin1').decode(bytes).includes(PREFIX)) return false
  try {
    return decodeModule(bytes as Uint8Array<ArrayBuffer>).imports.some(({ module }) => module.startsWith(PREFIX))
  } catch {
    // The script guest reports modules that cannot be decoded.
    return false
  }
}
