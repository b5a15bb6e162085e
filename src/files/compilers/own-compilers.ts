import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import * as v from 'valibot'
import { ScriptError } from '../../errors.ts'
import { callable } from '../../options.ts'
import type { Compiled, Compiler } from './compiler.ts'
import { invalidSource } from './mistakes.ts'
import { MAX_TIME } from './programs.ts'
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
 * depends on. An error that it throws is a mistake in the script. If it has a `loc` (`{ file?, line, column }`, from 1), that place is shown. A promise
 * that takes longer than 120 s is `BuildFailed`, and `signal` is aborted, which ends a `fetch` or a program that got it.
 *
 * @example
 * const compile: ScriptCompiler = ({ file, content }) => compileToWat(file, new TextDecoder().decode(content))
 */
export type ScriptCompiler = (script: {
  readonly file: string
  readonly content: Uint8Array
  readonly signal: AbortSignal
}) => Promise<Uint8Array | string | CompiledScript> | Uint8Array | string | CompiledScript

/** Compilers by file extension, such as `.as`. */
export type ScriptCompilers = Readonly<Record<string, ScriptCompiler>>

/** The form of an option of compilers. */
export const compilersOption: v.GenericSchema<ScriptCompilers> = v.record(
  v.string(),
  callable<ScriptCompiler>(),
  'an object of functions by extension',
)

/**
 * Returns the languages of compilers, each of which may take `limit` milliseconds for a script. Throws `InvalidOptions` for one that is not named by an
 * extension.
 */
export function languagesOf(own: ScriptCompilers, limit: number = MAX_TIME): SourceLanguages {
  return Object.fromEntries(
    Object.entries(own).map(([extension, compile]) => {
      if (!/^\.\w+$/.test(extension))
        throw new ScriptError('InvalidOptions', `compilers must be named by a file extension, such as '.as', not '${extension}'`)
      return [extension.toLowerCase(), { load: async () => ownCompiler(extension, compile, limit) }]
    }),
  )
}

/** Returns a compiler of a project as those of known languages are. */
function ownCompiler(extension: string, compile: ScriptCompiler, limit: number): Compiler {
  return async (file): Promise<Compiled> => {
    try {
      const content = new Uint8Array(await readFile(file))
      const result = await inTime((signal) => compile({ file, content, signal }), limit, `the compiler of ${extension} files`)
      const { module, watch } = checkResult(extension, result)
      const bytes = typeof module === 'string' ? new TextEncoder().encode(module) : module
      const dependencies = (watch ?? []).map((path) => resolve(dirname(file), path))
      return { state: 'compiled', module: bytes, dependencies, isComplete: watch !== undefined }
    } catch (cause) {
      const error = await mistakeIn(file, cause)
      const place = error.location?.file ?? file
      return { state: 'failed', error, dependencies: place === file ? [] : [place] }
    }
  }
}

/** Resolves as `work` does. Rejects with `BuildFailed` after `limit` milliseconds, and aborts the signal. */
async function inTime<Result>(work: (signal: AbortSignal) => Promise<Result> | Result, limit: number, who: string): Promise<Result> {
  const controller = new AbortController()
  const { signal } = controller
  const late = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  const error = new ScriptError('BuildFailed', `${who} did not end within ${limit / 1000} s`)
  const timer = setTimeout(() => controller.abort(error), limit)
  try {
    return await Promise.race([work(signal), late])
  } finally {
    clearTimeout(timer)
  }
}

const moduleOrText = v.union([v.string(), v.instance(Uint8Array)])
const compilerResult = v.union([moduleOrText, v.object({ module: moduleOrText, watch: v.array(v.string()) })])

/** Returns what a compiler returned. Throws `BuildFailed` if it is anything else: that is no mistake of the script. */
function checkResult(extension: string, result: unknown): Pick<CompiledScript, 'module'> & Partial<CompiledScript> {
  const { success, output } = v.safeParse(compilerResult, result)
  if (!success)
    throw new ScriptError('BuildFailed', `the compiler of ${extension} files must return a module, WAT text, or { module, watch: paths }`)
  return typeof output === 'string' || output instanceof Uint8Array ? { module: output } : output
}

async function mistakeIn(file: string, cause: unknown): Promise<ScriptError> {
  if (cause instanceof ScriptError) return cause
  const detail = cause instanceof Error ? cause.message : String(cause)
  const { loc } = (cause ?? {}) as { readonly loc?: Readonly<Record<string, unknown>> }
  const { file: other, line, column = 1 } = loc ?? {}
  if (typeof line !== 'number' || typeof column !== 'number') return new ScriptError('InvalidSource', detail, { cause })
  return invalidSource([{ detail, file: typeof other === 'string' ? other : file, line, column }], dirname(file))
}
