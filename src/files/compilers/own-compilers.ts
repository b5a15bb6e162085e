import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import * as v from 'valibot'
import { ScriptError } from '../../errors.ts'
import { callable } from '../../options.ts'
import type { Compiled, Compiler } from './compiler.ts'
import { invalidSource } from './mistakes.ts'
import type { SourceLanguages } from './source-languages.ts'

/** What a {@link ScriptCompiler} returns, if the script is made of more than its file. */
export interface CompiledScript {
  /** A module, or WAT text. */
  readonly module: Uint8Array | string
  /** The paths of the other files that it depends on, such as those that it includes: a save of one compiles the script again. */
  readonly watch: readonly string[]
}

/**
 * Compiles a script in another language, from the path and the content of its file. Returns a module, or WAT text, alone or with the files that it
 * depends on. An error that it throws is a mistake in the script. If it has a `loc` (`{ file?, line, column }`, from 1), that place is shown.
 *
 * @example
 * const compile: ScriptCompiler = ({ file, content }) => compileToWat(file, new TextDecoder().decode(content))
 */
export type ScriptCompiler = (script: {
  readonly file: string
  readonly content: Uint8Array
}) => Promise<Uint8Array | string | CompiledScript> | Uint8Array | string | CompiledScript

/** Compilers by file extension, such as `.as`. */
export type ScriptCompilers = Readonly<Record<string, ScriptCompiler>>

/** The form of an option of compilers. */
export const compilersOption: v.GenericSchema<ScriptCompilers> = v.record(
  v.string(),
  callable<ScriptCompiler>(),
  'an object of functions by extension',
)

/** Returns the languages of compilers. Throws `InvalidOptions` for one that is not named by an extension. */
export function languagesOf(own: ScriptCompilers): SourceLanguages {
  return Object.fromEntries(
    Object.entries(own).map(([extension, compile]) => {
      if (!/^\.\w+$/.test(extension))
        throw new ScriptError('InvalidOptions', `compilers must be named by a file extension, such as '.as', not '${extension}'`)
      return [extension.toLowerCase(), { load: async () => ownCompiler(compile) }]
    }),
  )
}

/** Returns a compiler of a project as those of known languages are. */
function ownCompiler(compile: ScriptCompiler): Compiler {
  return async (file): Promise<Compiled> => {
    try {
      const result = await compile({ file, content: new Uint8Array(await readFile(file)) })
      const isAlone = typeof result === 'string' || result instanceof Uint8Array
      const module = isAlone ? result : result.module
      const bytes = typeof module === 'string' ? new TextEncoder().encode(module) : module
      const watch = isAlone ? [] : result.watch.map((path) => resolve(dirname(file), path))
      return { state: 'compiled', module: bytes, dependencies: watch, isComplete: !isAlone }
    } catch (cause) {
      const error = await mistakeIn(file, cause)
      const place = error.location?.file ?? file
      return { state: 'failed', error, dependencies: place === file ? [] : [place] }
    }
  }
}

async function mistakeIn(file: string, cause: unknown): Promise<ScriptError> {
  if (cause instanceof ScriptError) return cause
  const detail = cause instanceof Error ? cause.message : String(cause)
  const { loc } = (cause ?? {}) as { readonly loc?: Readonly<Record<string, unknown>> }
  const { file: other, line, column = 1 } = loc ?? {}
  if (typeof line !== 'number' || typeof column !== 'number') return new ScriptError('InvalidSource', detail, { cause })
  return invalidSource([{ detail, file: typeof other === 'string' ? other : file, line, column }], dirname(file))
}
