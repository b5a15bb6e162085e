import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { ScriptError } from '../../errors.ts'
import type { Compiled } from './compiler.ts'
import { namesOfRule, readDependencies } from './dependency-file.ts'
import { findLinker, installCommand, LLVM_VERSIONS } from './llvm.ts'
import { type CompilerMistake, compilerFailed, invalidSource, MAX_MISTAKES, placeMistakes, placeOfWord } from './mistakes.ts'
import { packageFolders } from './package-folders.ts'
import { findPrograms, runProgram, withTemporaryFolder } from './programs.ts'

/** What clang is called. */
const NAMES: readonly string[] = ['clang', ...LLVM_VERSIONS.map((version) => `clang-${version}`)]

/** A clang that can make WebAssembly, and its linker. */
interface ClangCompiler {
  readonly path: string
  readonly linker: string
}

const COMPILE: readonly string[] = [
  '--target=wasm32-unknown-unknown',
  // What -O2 does, but for one thing: where Binaryen is installed, clang would have its wasm-opt remove lines and names.
  '-Xclang',
  '-O2',
  '-fvectorize',
  '-fslp-vectorize',
  '-ffreestanding',
  // Copies and fills of memory become instructions: there is no library that has memcpy.
  '-mbulk-memory',
  '-msimd128',
  // Exports only what is marked: by export_name, or by visibility("default").
  '-fvisibility=hidden',
  '-gline-tables-only',
  '-fno-color-diagnostics',
  '-fno-caret-diagnostics',
  `-ferror-limit=${MAX_MISTAKES}`,
]
/** The stack comes first, so that one that overflows traps rather than writes over the data. */
const LINK: readonly string[] = [
  '-nostdlib',
  '-Wl,--no-entry',
  '-Wl,--export-dynamic',
  '-Wl,--stack-first',
  '-Wl,-z,stack-size=65536',
  '-Wl,--color-diagnostics=never',
]

const MISTAKE = /^(.+?):(\d+):(\d+): (?:fatal )?error: (.*)$/gm
const WARNING = /^(.+?):(\d+):(\d+): warning: (.*)$/gm
/** Those of the linker name no place. */
const LINKER_WARNING = /^\S*wasm-ld\S*: warning: (.*)$/gm
const UNDEFINED = /^.*: error: .*undefined symbol: (.+)$/gm

/**
 * Compiles C with clang and wasm-ld. Headers are found in the folder of the source and in those around it, up to the package. Fails with
 * `InvalidSource`, and with `BuildFailed` if clang crashes. Rejects with `EngineUnavailable` if it is missing.
 */
export async function compileC(file: string): Promise<Compiled> {
  const folder = dirname(file)
  const source = `./${basename(file)}`
  const includes = packageFolders(file)
  // Paths in a module are relative, so that it is the same on every computer.
  const includeFlags = includes.map((each) => `-I${relative(folder, each) || '.'}`)
  const { path: clang, linker } = await findCompiler(folder)
  return withTemporaryFolder(async (temporary) => {
    const output = join(temporary, 'module.wasm')
    const dependencyFile = join(temporary, 'module.d')
    const args = [...COMPILE, ...includeFlags, ...LINK, `-fuse-ld=${linker}`, '-MMD', '-MF', dependencyFile, source, '-o', output]
    const { isDone, stderr } = await runProgram(clang, args, folder)
    const module = isDone ? await readFile(output).catch(() => undefined) : undefined
    if (module !== undefined) {
      const warnings = await placeMistakes(await warningsIn(stderr, file), folder)
      return { state: 'compiled', module, dependencies: await readDependencies(dependencyFile, file, folder), warnings }
    }
    const mistakes = await mistakesIn(stderr, file)
    const error = mistakes.length === 0 ? compilerFailed(basename(clang), file, stderr) : await invalidSource(mistakes, folder)
    const listed = await runProgram(clang, [...COMPILE, ...includeFlags, '-MM', '-MG', source], folder)
    return { state: 'failed', error, dependencies: dependenciesIn(listed.stdout, file, includes, mistakes) }
  })
}

/** Compilers that were found, by PATH. */
const compilers = new Map<string, ClangCompiler>()

/** Resolves with the first clang that can make WebAssembly, which that of macOS cannot, and its linker. */
async function findCompiler(folder: string): Promise<ClangCompiler> {
  const { PATH: key = '' } = process.env
  const known = compilers.get(key)
  if (known !== undefined && existsSync(known.path) && existsSync(known.linker)) return known
  const clangs = await findPrograms(NAMES)
  for (const path of clangs) {
    const { stdout } = await runProgram(path, ['--print-targets'], folder)
    if (!/^\s*wasm32\b/m.test(stdout)) continue
    const linker = await findLinker(path)
    if (linker === undefined) throw noLinker()
    const compiler = { path, linker }
    compilers.set(key, compiler)
    return compiler
  }
  throw noCompiler(clangs.length > 0)
}

/** Returns the mistakes that clang and its linker printed. The linker names no place, so that is where a name first stands. */
async function mistakesIn(printed: string, file: string): Promise<CompilerMistake[]> {
  const mistakes = placesIn(printed, MISTAKE)
  const undefinedNames = new Set([...printed.matchAll(UNDEFINED)].map(([, name = '']) => name.trim()))
  const text = undefinedNames.size === 0 ? '' : await readFile(file, 'utf8').catch(() => '')
  for (const name of undefinedNames) mistakes.push({ detail: undefinedSymbol(name), file, ...placeOfWord(text, name) })
  return mistakes
}

/** Returns the warnings that clang and its linker printed, such as of a function that is called with other parameters than it has. */
async function warningsIn(printed: string, file: string): Promise<CompilerMistake[]> {
  const ofLinker = [...printed.matchAll(LINKER_WARNING)].map(([, detail = '']) => detail)
  const text = ofLinker.length === 0 ? '' : await readFile(file, 'utf8').catch(() => '')
  const placed = ofLinker.map((detail) => ({ detail, file, ...placeOfWord(text, /\w+$/.exec(detail)?.[0] ?? '') }))
  return [...placesIn(printed, WARNING), ...placed]
}

function placesIn(printed: string, pattern: RegExp): CompilerMistake[] {
  return [...printed.matchAll(pattern)].map(([, file = '', line, column, detail = '']) => ({
    ...{ detail, file, line: Number(line), column: Number(column), isInBytes: true },
  }))
}

/** Describes a function that is declared, but neither defined nor imported. */
function undefinedSymbol(name: string): string {
  return `undefined symbol: ${name} is used, but it is neither defined nor imported, and there is no C library`
}

/** Returns the headers of a source with a mistake. Of one that is missing, returns each path at which it would be found. */
function dependenciesIn(
  makefile: string,
  file: string,
  includes: readonly string[],
  mistakes: readonly CompilerMistake[],
): readonly string[] {
  const folder = dirname(file)
  const found = new Set(mistakes.map((mistake) => resolve(folder, mistake.file)))
  const missing: string[] = []
  for (const name of namesOfRule(makefile)) {
    const path = resolve(folder, name)
    if (existsSync(path)) found.add(path)
    else missing.push(name)
  }
  const folders = new Set([...includes, ...[...found].map((each) => dirname(each))])
  for (const name of missing) for (const each of folders) found.add(resolve(each, name))
  found.delete(file)
  return [...found]
}

function noCompiler(isInstalled: boolean): ScriptError {
  const reason = isInstalled ? 'clang is installed, but it cannot make WebAssembly' : 'a script in C needs the compiler clang'
  return new ScriptError('EngineUnavailable', `${reason}: run '${installCommand('clang lld', 'llvm lld', 'winget install LLVM.LLVM')}'`)
}

function noLinker(): ScriptError {
  const command = installCommand('lld', 'lld', 'winget install LLVM.LLVM')
  return new ScriptError('EngineUnavailable', `a script in C needs the linker wasm-ld beside clang: run '${command}'`)
}
