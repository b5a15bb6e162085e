import * as v from 'valibot'
import { checkOptions } from '../../options.ts'
import { fileCompiler, setFileCompiler } from '../../runtime/load/file-compiler.ts'
import { compilersOption, languagesOf, type ScriptCompilers } from './own-compilers.ts'
import { SourceCompilers } from './source-compilers.ts'
import { addLanguages } from './source-languages.ts'

/**
 * Returns the compilers of this process, by which every load of a source's file in Node makes its module from then on. Only development tools
 * call this: a game that runs what strangers send must not start compilers.
 */
export function sourceCompilers(): SourceCompilers {
  const known = fileCompiler() as SourceCompilers | undefined
  if (known !== undefined) return known
  const compilers = new SourceCompilers()
  setFileCompiler(compilers)
  return compilers
}

const addedOption = v.strictObject({ compilers: compilersOption })

/** Adds the compilers of a game to those of this process. `where` is what takes them, for error messages. Throws `InvalidOptions`. */
export function addCompilers(compilers: ScriptCompilers, where: string): void {
  checkOptions(addedOption, { compilers }, where)
  addLanguages(languagesOf(compilers))
  sourceCompilers()
}
