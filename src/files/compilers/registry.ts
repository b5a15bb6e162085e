import { fileCompiler, setFileCompiler } from '../../runtime/load/file-compiler.ts'
import { SourceCompilers } from './source-compilers.ts'

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
