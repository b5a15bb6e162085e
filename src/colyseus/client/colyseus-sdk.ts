import { ScriptError } from '../../errors.ts'

/** The package that connects to rooms. */
export type Sdk = typeof import('@colyseus/sdk')

/** Loads the package that connects to rooms. Rejects with `EngineUnavailable` if it is not installed. */
export async function loadSdk(): Promise<Sdk> {
  try {
    return await import('@colyseus/sdk')
  } catch (cause) {
    throw new ScriptError('EngineUnavailable', 'rooms need the package @colyseus/sdk: npm install @colyseus/sdk@0.18', { cause })
  }
}
