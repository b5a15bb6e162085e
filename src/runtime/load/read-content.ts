import { contentOf } from '../../wasm/text/source-module.ts'
import type { ScriptContent } from '../api/input-log.ts'
import type { ScriptId } from '../api/script-info.ts'
import { findLoaded } from '../script/find-script.ts'
import { storeOf } from '../script/store.ts'

/**
 * Returns the code that a script runs: the WAT text that it was loaded or last reloaded from, or its binary if it had no text; of a mod, the text of its
 * manifest.
 *
 * @throws {ScriptError} ScriptNotFound; InvalidOptions if the first argument is not a runtime
 * @example
 * const text = readContent(runtime, gun)
 */
export function readContent(runtime: object, id: ScriptId): ScriptContent {
  return contentOf(findLoaded(storeOf(runtime), id).running.generation.program.source)
}
