import { ScriptError } from '../../../errors.ts'

const PACKAGE = '@bytecodealliance/jco-transpile'

/** Rejects with `EngineUnavailable` if the validator is not installed, `InvalidBinary` for an invalid component. */
export async function validateComponent(bytes: Uint8Array): Promise<void> {
  const { componentWit } = await loadValidator()
  try {
    await componentWit(bytes)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ScriptError('InvalidBinary', `the component is not valid: ${reason.split('\n')[0]}`, { cause })
  }
}

/** Loads the package within `try`, by which Webpack tells an optional package: a promise that is rejected later does not count. */
async function loadValidator(): Promise<typeof import('@bytecodealliance/jco-transpile/wasm-tools')> {
  try {
    return await import('@bytecodealliance/jco-transpile/wasm-tools')
  } catch (cause) {
    throw new ScriptError('EngineUnavailable', `components need the package ${PACKAGE}; npm install ${PACKAGE}`, { cause })
  }
}
