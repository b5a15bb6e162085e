export type { CompiledScript, ScriptCompiler, ScriptCompilers } from '../files/compilers/own-compilers.ts'
export type { BindingsOption, BitscriptPluginOptions } from './plugin.ts'
export { bitscript } from './plugin.ts'
