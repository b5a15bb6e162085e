export type { ScriptCompiler, ScriptCompilers } from './compile.ts'
export type { BitscriptPluginOptions } from './plugin.ts'
export { bitscript } from './plugin.ts'
