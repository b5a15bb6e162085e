import { ScriptError } from '../../../errors.ts'

/** Replaces `prepare.ts` where the package is not imported under the `node` condition. Rejects with `EngineUnavailable`. */
export async function prepareComponent(_bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  throw new ScriptError(
    'EngineUnavailable',
    'a page runs components that were prepared at build time; import the component with bitscript/vite, or prepare it with bitscript build',
  )
}
