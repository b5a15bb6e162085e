import { sameBytes } from '../../bytes.ts'
import { readContent, type ScriptId, type WasmScriptRuntime } from '../../index.ts'
import type { GameDefinition } from './define-game.ts'

const utf8 = new TextEncoder()

/** Returns the code that a script runs, as a game has it: a text as UTF-8. */
export function readCode(runtime: WasmScriptRuntime, id: ScriptId): Uint8Array {
  const content = readContent(runtime, id)
  return typeof content === 'string' ? utf8.encode(content) : content
}

/** Returns the code of the scripts that are not as the game defines them, because others were published, by name. */
export function changedCodes(runtime: WasmScriptRuntime, { scripts }: GameDefinition): ReadonlyMap<string, Uint8Array> {
  const changed = new Map<string, Uint8Array>()
  for (const { name, bytes } of scripts) {
    const id = runtime.find(name)?.id
    const code = id === undefined ? bytes : readCode(runtime, id)
    if (!sameBytes(code, bytes)) changed.set(name, code)
  }
  return changed
}
