export type { BindingsOption } from './keep-bindings.ts'
export type { BitscriptPluginOptions } from './plugin.ts'
export { bitscript } from './plugin.ts'
export type { CompiledScript, ScriptCompiler, ScriptCompilers } from './script-compiler.ts'
