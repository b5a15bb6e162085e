import { sourceCompilers } from '../files/compilers/registry.ts'
import { ECS_PACKAGE, GAME_INTERFACES, GAME_PACKAGE, SCRIPT_INTERFACES, SCRIPT_PACKAGE } from '../guest/component/game-interfaces.ts'
import {
  type CoreModuleDescription,
  type DescribedName,
  describeModule,
  findOwnState,
  IMPORTS,
  type ModuleDescription,
  type OwnState,
  ScriptError,
  type SourceLocation,
  type WasmScriptRuntime,
} from '../index.ts'
import { nearestName, suggest } from '../nearest-name.ts'
import { shortPath } from './short-path.ts'

/** A mistake in a script. */
export interface CheckedMistake {
  readonly code: ScriptError['code']
  /** What is wrong and what to do. */
  readonly message: string
  /** The file, if it is another one than the checked one: the module of a manifest. */
  readonly file?: string
  /** The line and the column, from 1, if they are known. */
  readonly line?: number
  readonly column?: number
  /** The source lines around it. */
  readonly frame?: string
}

/** What a compiler warns of in a source. */
export interface CheckedWarning {
  readonly message: string
  /** The file, if it is another one than the checked one. */
  readonly file?: string
  readonly line: number
  readonly column: number
  /** The source lines around it. */
  readonly frame: string
}

/** What a script keeps outside of components, which differs on a client that predicts it. */
export interface CheckedOwnState extends Partial<Omit<CheckedWarning, 'message'>> {
  readonly kind: OwnState['kind']
  readonly message: string
  /** The function in which it first is, if that is known. */
  readonly function?: string
}

/** The result for one file, as `check --json` prints it. */
export interface CheckedFile {
  readonly file: string
  readonly ok: boolean
  readonly mistakes: readonly CheckedMistake[]
  /** What the compiler of a source warns of; left out if there is nothing. */
  readonly warnings?: readonly CheckedWarning[]
  /** What `--net` found; left out without it, and where there is nothing. */
  readonly net?: readonly CheckedOwnState[]
  /** The module; left out if it could not be compiled or linked. */
  readonly module?: ModuleDescription
}

/** Checks the script at a URL, and links it if there is a runtime. Of a script that clients predict, finds what it keeps outside of components. Never rejects for a mistake in the script. */
export async function checkFile(file: string, url: URL, runtime: WasmScriptRuntime | undefined, isPredicted = false): Promise<CheckedFile> {
  const warnings: CheckedWarning[] = []
  const off = sourceCompilers().onWarning(({ detail, location, frame }) => {
    warnings.push({ message: detail, ...placeOf(location, file), frame })
  })
  const checked = await checkModule(file, url, runtime).finally(off)
  const net = isPredicted && checked.ok ? await ownStateOf(file, url) : []
  return { ...checked, ...(warnings.length > 0 && { warnings }), ...(net.length > 0 && { net }) }
}

async function ownStateOf(file: string, url: URL): Promise<CheckedOwnState[]> {
  const found = await findOwnState(url)
  return found.map(({ location, ...rest }) => ({ ...rest, ...(location && placeOf(location, file)) }))
}

async function checkModule(file: string, url: URL, runtime: WasmScriptRuntime | undefined): Promise<CheckedFile> {
  try {
    const module = runtime === undefined ? await describeModule(url) : await runtime.checkModule(url)
    if (runtime !== undefined) return { file, ok: true, mistakes: [], module }
    const linked = module.linked ?? []
    const own = linked.map(({ name }) => name)
    if (module.guest === 'component') return checkedComponent(file, module)
    const mistakes = [module, ...linked].flatMap(({ imports }) => imports.flatMap(mistakeOfImport))
    const doubted = linked.map((each) => withDoubts(each, own))
    const parts = { ...withDoubts(module, own), ...(module.linked !== undefined && { linked: doubted }) }
    return { file, ok: mistakes.length === 0, mistakes, module: parts }
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error
    return { file, ok: false, mistakes: mistakesOf(error, file) }
  }
}

/** Returns every mistake that an error names. `file` is the checked one. */
export function mistakesOf(error: ScriptError, file: string): CheckedMistake[] {
  const { code, location, frame, mistakes } = error
  if (mistakes === undefined) {
    const at = location && placeOf(location, file)
    return [{ code, message: location === undefined ? sentenceOf(error) : error.detail, ...at, ...(frame !== undefined && { frame }) }]
  }
  return mistakes.map(({ detail, location: at, frame }) => ({ code, message: detail, ...placeOf(at, file), frame }))
}

/** Returns a place in a source: its file, if it is another one than the checked one, its line and column. */
function placeOf({ file: found, line, column }: SourceLocation, file: string): Pick<CheckedWarning, 'file' | 'line' | 'column'> {
  const other = shortPath(found)
  return { ...(other !== file && { file: other }), line, column }
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
  return [unknownImport(module, name, name, names)]
}

function unknownImport(module: string, name: string, wrong: string, known: readonly string[]): CheckedMistake {
  const error = new ScriptError('UnknownImport', `${module}::${name} does not exist${suggest(wrong, known)}`)
  return { code: error.code, message: sentenceOf(error) }
}

/** Adds a warning to each import of a module that is neither the runtime's nor one of `own`, the modules of a manifest. */
function withDoubts<Described extends CoreModuleDescription>(described: Described, own: readonly string[]): Described {
  const imports = described.imports.map((entry) => ({ ...warningOfImport(entry, own), ...entry }))
  return { ...described, imports }
}

/** What every Extism plugin may import. */
const OF_PLUGINS: readonly string[] = ['extism:host/env', 'wasi_snapshot_preview1']

function warningOfImport({ module = '' }: DescribedName, own: readonly string[]): { warning?: string } {
  if (MODULES.has(module) || OF_PLUGINS.includes(module) || own.includes(module)) return {}
  const nearest = nearestName(module, MODULES.keys())
  const meant = nearest === undefined ? '' : `; did you mean '${nearest}'?`
  return { warning: `'${module}' is not a module of bitscript: the game must provide it (--sim checks this)${meant}` }
}

/** Returns what is known of a component without a game. */
function checkedComponent(file: string, module: ModuleDescription): CheckedFile {
  const mistakes = module.imports.flatMap(mistakeOfComponent)
  const imports = module.imports.map((entry) => ({ ...warningOfComponent(entry), ...entry }))
  return { file, ok: mistakes.length === 0, mistakes, module: { ...module, imports } }
}

/** Returns the package and the interface of an import of a component, without its version. */
function interfaceOf({ module = '' }: DescribedName): readonly [package_: string, name: string] {
  const [path = ''] = module.split('@')
  const slash = path.indexOf('/')
  return [path.slice(0, Math.max(0, slash)), path.slice(slash + 1)]
}

function mistakeOfComponent(entry: DescribedName): CheckedMistake[] {
  const { module = '', name } = entry
  const [package_, called] = interfaceOf(entry)
  if (package_ !== GAME_PACKAGE) return []
  const functions = new Map(Object.entries(GAME_INTERFACES)).get(called)
  const names = Object.keys(functions ?? {})
  if (names.includes(name)) return []
  const known = functions === undefined ? Object.keys(GAME_INTERFACES).map((each) => `${GAME_PACKAGE}/${each}`) : names
  return [unknownImport(module, name, functions === undefined ? module : name, known)]
}

function warningOfComponent(entry: DescribedName): { warning?: string } {
  const { module = '' } = entry
  const [package_, called] = interfaceOf(entry)
  if ([GAME_PACKAGE, ECS_PACKAGE, SCRIPT_PACKAGE].includes(package_) || (package_ === '' && SCRIPT_INTERFACES.includes(called))) return {}
  return { warning: `'${module}' is not of bitscript: the game must provide it (--sim checks this)` }
}
