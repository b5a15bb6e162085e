import { notLoaded } from '../../errors.ts'
import { decodeImports, importBytes } from '../../wasm/decode/decode.ts'
import type { Guest } from '../guest.ts'

const PREFIX = 'extism:host/'
const PREFIX_BYTES = new TextEncoder().encode(PREFIX)

/** The guest for Extism plugins: core modules that import the functions of the PDK. https://extism.org */
export const extismGuest: Guest = {
  kind: 'extism',
  capabilities: { snapshot: true, resumes: true, perEntity: true, inline: true },
  claims: isPlugin,
  async describe(source) {
    const { describePlugin } = await loadPlugins()
    return describePlugin(source)
  },
  async open(source, options) {
    const { openPlugin } = await loadPlugins()
    return openPlugin(extismGuest, source, options)
  },
  get inWorker() {
    return workerGuest
  },
}

/** The guest for Extism plugins in workers. Of their state, the game has the variables: memory begins anew with each worker. */
const workerGuest: Guest = {
  kind: 'extism',
  capabilities: { snapshot: true, resumes: true, perEntity: false, inline: false },
  claims: isPlugin,
  describe: (source) => extismGuest.describe(source),
  async open(source, options) {
    const { openWorkerPlugin } = await import('./open-worker.ts').catch(notLoaded('the code that runs Extism plugins in workers'))
    return openWorkerPlugin(workerGuest, source, options)
  },
}

/** Loads what runs plugins, which a game without plugins does not download. */
function loadPlugins(): Promise<typeof import('./open-plugin.ts')> {
  return import('./open-plugin.ts').catch(notLoaded('the code that runs Extism plugins'))
}

function isPlugin(bytes: Uint8Array): boolean {
  try {
    // Most modules do not have to be decoded for the answer.
    if (!hasPrefix(importBytes(bytes))) return false
    return decodeImports(bytes as Uint8Array<ArrayBuffer>).some(({ module }) => module.startsWith(PREFIX))
  } catch {
    // The script guest reports modules that cannot be decoded.
    return false
  }
}

/** Returns whether the prefix is anywhere in the bytes. A decoder takes longer for the imports of a small script. */
function hasPrefix(bytes: Uint8Array): boolean {
  const [first] = PREFIX_BYTES
  for (let at = bytes.indexOf(first as number); at >= 0; at = bytes.indexOf(first as number, at + 1)) {
    if (PREFIX_BYTES.every((byte, index) => bytes[at + index] === byte)) return true
  }
  return false
}
