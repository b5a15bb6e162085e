import { type DescribedName, describeModule, IMPORTS, type ModuleDescription, ScriptError, type WasmScriptRuntime } from '../index.ts'
import { nearestName, suggest } from '../nearest-name.ts'

/** A mistake in a script. */
export interface CheckedMistake {
  readonly code: ScriptError['code']
  /** What is wrong and what to do. */
  readonly message: string
  /** The line and the column, from 1, if they are known. */
  readonly line?: number
  readonly column?: number
  /** The source lines around it. */
  readonly frame?: string
}

/** The result for one file, as `check --json` prints it. */
export interface CheckedFile {
  readonly file: string
  readonly ok: boolean
  readonly mistakes: readonly CheckedMistake[]
  /** The module; left out if it could not be compiled or linked. */
  readonly module?: ModuleDescription
}

/** Checks the script at a URL, and links it if there is a runtime. Never rejects for a mistake in the script. */
export async function checkFile(file: string, url: URL, runtime: WasmScriptRuntime | undefined): Promise<CheckedFile> {
  try {
    const module = runtime === undefined ? await describeModule(url) : await runtime.checkModule(url)
    const mistakes = runtime === undefined ? module.imports.flatMap(mistakeOfImport) : []
    const imports = module.imports.map((entry) => ({ ...entry, ...(runtime === undefined && warningOfImport(entry)) }))
    return { file, ok: mistakes.length === 0, mistakes, module: { ...module, imports } }
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error
    return { file, ok: false, mistakes: mistakesOf(error) }
  }
}

/** Returns every mistake that an error names. */
export function mistakesOf(error: ScriptError): CheckedMistake[] {
  const { code, location, frame, mistakes } = error
  if (mistakes === undefined) {
    const place = location && { line: location.line, column: location.column }
    return [{ code, message: location === undefined ? sentenceOf(error) : error.detail, ...place, ...(frame !== undefined && { frame }) }]
  }
  return mistakes.map(({ detail, location: { line, column }, frame }) => ({ code, message: detail, line, column, frame }))
}

/** Returns the message of an error without its code, which stands beside it. */
export function sentenceOf({ message }: ScriptError): string {
  return message.replace(/ \[\w+\]$/, '')
}

/** The names of the runtime's import modules. The fixed names of each; `undefined` if they name parts of the game. */
const MODULES: ReadonlyMap<string, readonly string[] | undefined> = new Map(
  [...new Set(IMPORTS.map(({ module }) => module))].map((module) => {
    const names = IMPORTS.filter((entry) => entry.module === module).map(({ name }) => name)
    return [module, names.every((name) => typeof name === 'string') ? names : undefined]
  }),
)

/** Returns the mistake of an import that no game can provide: an unknown name of a module of the runtime. */
function mistakeOfImport({ module = '', name }: DescribedName): CheckedMistake[] {
  const names = MODULES.get(module)
  if (names === undefined || names.includes(name)) return []
  return [
    {
      code: 'UnknownImport',
      message: sentenceOf(new ScriptError('UnknownImport', `${module}::${name} does not exist${suggest(name, names)}`)),
    },
  ]
}

/** Returns a warning for an import of a module that is not the runtime's. */
function warningOfImport({ module = '' }: DescribedName): { warning?: string } {
  if (MODULES.has(module) || module.startsWith('extism:')) return {}
  const nearest = nearestName(module, MODULES.keys())
  const meant = nearest === undefined ? '' : `; did you mean '${nearest}'?`
  return { warning: `'${module}' is not a module of bitscript: the game must provide it (--sim checks this)${meant}` }
}
