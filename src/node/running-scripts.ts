import { ScriptError, type ScriptInfo, type WasmScriptRuntime } from '../index.ts'

/** Returns the scripts of a runtime; none once it was disposed of, because a watcher may outlive its runtime. */
export function runningScripts(runtime: WasmScriptRuntime): readonly ScriptInfo[] {
  try {
    return runtime.scripts()
  } catch (error) {
    if (isDisposed(error)) return []
    throw error
  }
}

/** Returns whether an error says that the runtime was disposed of. */
export function isDisposed(error: unknown): boolean {
  return error instanceof ScriptError && error.code === 'Disposed'
}
