import { ScriptError } from 'bitscript'
import type { Compiler } from './compiler.ts'

/** The compiler of AssemblyScript, which takes much memory: it is loaded when it is first needed, and ended when it is not needed any more. */
export interface KeptCompiler {
  /** Compiles a script, as {@link Compiler} does. `onProgress` is called with the loaded part of the compiler. */
  compile(entry: string, files: Readonly<Record<string, string>>, onProgress: (part: number) => void): Promise<Uint8Array>
  /** Sets whether the compiler stays loaded between two runs, as it should while a text in AssemblyScript is shown. */
  keepLoaded(isKept: boolean): void
}

/** Loads a compiler by `load` when it is needed. */
export function keepCompiler(load: (onProgress: (part: number) => void) => Promise<Compiler>): KeptCompiler {
  let compiler: Promise<Compiler> | undefined
  let compiling = 0
  let isKept = false

  function release(): void {
    if (compiling > 0 || isKept) return
    void compiler?.then((each) => each.end()).catch(() => undefined)
    compiler = undefined
  }

  return {
    async compile(entry, files, onProgress) {
      compiling++
      try {
        compiler ??= load(onProgress)
        const loaded = await compiler.catch((error: unknown) => {
          compiler = undefined
          throw error
        })
        return await loaded.compile(entry, files)
      } catch (cause) {
        if (cause instanceof ScriptError) throw cause
        const why = cause instanceof Error ? cause.message : String(cause)
        throw new ScriptError('LoadFailed', `the compiler of AssemblyScript could not be loaded (${why})`, { cause })
      } finally {
        compiling--
        release()
      }
    },
    keepLoaded(wanted) {
      isKept = wanted
      release()
    },
  }
}
