import { javascript } from '@codemirror/lang-javascript'
import type { Extension } from '@codemirror/state'
import { assist } from '../assist.ts'
import { assemblyScriptAssistance } from './assistance.ts'

/** Returns the language of scripts in AssemblyScript, with what `game.ts` offers to them. */
export function assemblyScript(bindings: string): Extension {
  return [javascript({ typescript: true }).language, assist(assemblyScriptAssistance(bindings))]
}
