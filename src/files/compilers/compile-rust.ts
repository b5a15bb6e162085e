import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { ScriptError } from '../../errors.ts'
import type { Compiled } from './compiler.ts'
import { withinDebugLimit } from './custom-sections.ts'
import { readDependencies } from './dependency-file.ts'
import { findLinker, installCommand } from './llvm.ts'
import { type CompilerMistake, compilerFailed, invalidSource, placeMistakes, placeOfWord } from './mistakes.ts'
import { findPrograms, runProgram, withTemporaryFolder } from './programs.ts'

const TARGET = 'wasm32-unknown-unknown'
const FLAGS: readonly string[] = [
  '--target',
  TARGET,
  '--edition',
  '2021',
  '--crate-type',
  'cdylib',
  '-O',
  '-C',
  'panic=abort',
  '-C',
  'debuginfo=1',
  // Copies and fills of memory become instructions.
  '-C',
  'target-feature=+bulk-memory,+simd128',
  '-C',
  'link-arg=-zstack-size=65536',
  '--error-format=json',
]
/** Bytes of debug information that a module may have. A script that can panic has some of that of Rust's library, 1.2 MB. */
const MAX_DEBUG_BYTES = 2 ** 21
/** Names of crates that a script cannot have. */
const TAKEN: readonly string[] = ['core', 'std', 'alloc', 'test', 'proc_macro']

/** A rustc that can make WebAssembly, and the linker that it needs; `undefined` if it has its own. */
interface RustCompiler {
  readonly path: string
  readonly linker: string | undefined
}

/** The parts of a message of rustc that are read. */
interface RustMessage {
  readonly message: string
  readonly level: string
  readonly code: { readonly code: string } | null
  readonly spans: readonly RustSpan[]
  readonly children: readonly Omit<RustMessage, 'code'>[]
}

interface RustSpan {
  readonly file_name: string
  readonly line_start: number
  readonly column_start: number
  readonly is_primary: boolean
  readonly label: string | null
  readonly suggested_replacement: string | null
  readonly expansion: { readonly span: RustSpan } | null
}

/**
 * Compiles Rust with rustc: one crate, without others. Fails with `InvalidSource`, and with `BuildFailed` if rustc crashes. Rejects with
 * `EngineUnavailable` if there is none that can make WebAssembly.
 */
export async function compileRust(file: string): Promise<Compiled> {
  const folder = dirname(file)
  const compiler = await findCompiler(folder)
  return withTemporaryFolder(async (temporary) => {
    const output = join(temporary, 'module.wasm')
    const dependencyFile = join(temporary, 'module.d')
    const linker = compiler.linker === undefined ? [] : ['-C', `linker=${compiler.linker}`, '-C', 'linker-flavor=wasm-ld']
    const emit = `--emit=dep-info=${dependencyFile},link=${output}`
    // The path in the module is relative, so that it is the same on every computer.
    const args = [...FLAGS, ...linker, '--crate-name', crateName(file), emit, `./${basename(file)}`]
    const { isDone, stderr } = await runProgram(compiler.path, args, folder)
    const dependencies = await readDependencies(dependencyFile, file, folder)
    const module = isDone ? await readFile(output).catch(() => undefined) : undefined
    if (module !== undefined) {
      const warnings = await placeMistakes(await mistakesOf(messagesIn(stderr, 'warning'), file), folder)
      return { state: 'compiled', module: withinDebugLimit(module, MAX_DEBUG_BYTES), dependencies, warnings }
    }
    const messages = messagesIn(stderr, 'error')
    const mistakes = await mistakesOf(messages, file)
    const error = mistakes.length === 0 ? compilerFailed('rustc', file, plainText(stderr, messages)) : await invalidSource(mistakes, folder)
    return { state: 'failed', error, dependencies: [...new Set([...dependencies, ...missingFiles(messages, folder)])] }
  })
}

/** Compilers that were found, by PATH and by folder: a toolchain file may choose another one in each. */
const found = new Map<string, RustCompiler>()

/** Resolves with the first rustc on PATH that has the libraries of the target. */
async function findCompiler(folder: string): Promise<RustCompiler> {
  const key = `${process.env.PATH} ${folder}`
  const known = found.get(key)
  if (known !== undefined && existsSync(known.path) && (known.linker === undefined || existsSync(known.linker))) return known
  const compilers = await findPrograms(['rustc'])
  let libraries = ''
  for (const path of compilers) {
    const { isDone, stdout } = await runProgram(path, ['--print', 'target-libdir', '--target', TARGET], folder)
    if (isDone) libraries ||= stdout.trim()
    if (!isDone || (await readdir(stdout.trim()).catch(() => [])).length === 0) continue
    const hasOwn = await hasLinker(resolve(stdout.trim(), '../..'))
    const linker = hasOwn ? undefined : await findLinker()
    if (!hasOwn && linker === undefined) throw noLinker()
    const compiler: RustCompiler = { path, linker }
    found.set(key, compiler)
    return compiler
  }
  throw compilers.length === 0 ? noCompiler() : noTarget(libraries)
}

/** Resolves with whether a toolchain has a linker of its own. */
async function hasLinker(rustlib: string): Promise<boolean> {
  const hosts = await readdir(rustlib).catch(() => [])
  return hosts.some((host) => ['rust-lld', 'rust-lld.exe'].some((name) => existsSync(join(rustlib, host, 'bin', name))))
}

function noCompiler(): ScriptError {
  const command = "install it from https://rustup.rs, then run 'rustup target add wasm32-unknown-unknown'"
  const debian = process.platform === 'linux' ? "; on Debian, 'apt install rustc libstd-rust-dev-wasm32 lld'" : ''
  return new ScriptError('EngineUnavailable', `a script in Rust needs the compiler rustc: ${command}${debian}`)
}

function noTarget(libraries: string): ScriptError {
  const isOfSystem = libraries.startsWith('/usr/lib')
  const command = isOfSystem ? 'apt install libstd-rust-dev-wasm32' : `rustup target add ${TARGET}`
  return new ScriptError('EngineUnavailable', `rustc is installed, but without the libraries for WebAssembly: run '${command}'`)
}

function noLinker(): ScriptError {
  const command = installCommand('lld', 'lld', 'winget install LLVM.LLVM')
  return new ScriptError('EngineUnavailable', `rustc is installed, but the linker wasm-ld is missing: run '${command}'`)
}

/** Returns the name of a script's crate: functions have it before their names in traces. */
function crateName(file: string): string {
  const name = basename(file)
    .replace(/\.rs$/i, '')
    .replace(/[^A-Za-z0-9_]/g, '_')
  return /^\d/.test(name) || TAKEN.includes(name) ? `script_${name}` : name
}

/** Returns the errors, or the warnings, among the messages of rustc, one JSON object a line. */
function messagesIn(printed: string, level: 'error' | 'warning'): RustMessage[] {
  return printed.split('\n').flatMap((line) => {
    try {
      const message = JSON.parse(line) as RustMessage
      return message.level.startsWith(level) && !message.message.startsWith('aborting due to') ? [message] : []
    } catch {
      return []
    }
  })
}

/** Returns what a crash of rustc printed, in words. */
function plainText(printed: string, messages: readonly RustMessage[]): string {
  if (messages.length > 0) return messages.map(({ message }) => message).join('\n')
  return printed
    .split('\n')
    .filter((line) => !line.startsWith('{'))
    .join('\n')
}

async function mistakesOf(messages: readonly RustMessage[], file: string): Promise<CompilerMistake[]> {
  const mistakes: CompilerMistake[] = []
  for (const message of messages) {
    const span = message.spans.find((each) => each.is_primary)
    if (span === undefined) {
      const undefinedNames = message.children.flatMap((child) => [...child.message.matchAll(/undefined symbol: (\S+)/g)])
      const text = undefinedNames.length === 0 ? '' : await readFile(file, 'utf8').catch(() => '')
      for (const [, name = ''] of undefinedNames)
        mistakes.push({ detail: `undefined symbol: ${name} is neither defined nor imported`, file, ...placeOfWord(text, name) })
      continue
    }
    const { file_name, line_start, column_start } = ownSpan(span, dirname(file))
    mistakes.push({ detail: describe(message, span), file: file_name, line: line_start, column: column_start })
  }
  return mistakes
}

/** Returns the place where a macro was used, if the mistake is in that of a library. */
function ownSpan(span: RustSpan, folder: string): RustSpan {
  let own = span
  while (own.expansion !== null && !existsSync(resolve(folder, own.file_name))) own = own.expansion.span
  return own
}

/** Returns what is wrong, its code, what rustc says at the place, and how it would mend it. */
function describe({ message, code, children }: RustMessage, { label }: RustSpan): string {
  const helps = children
    .filter(({ level, message: help }) => level === 'help' && !/:(\n|$)/.test(help))
    .map(({ message: help, spans }) => {
      const replacement = spans.find(({ suggested_replacement: text }) => text !== null)?.suggested_replacement
      return `; help: ${firstLine(help)}${replacement === undefined || replacement === null ? '' : `: \`${replacement}\``}`
    })
  const named = code === null ? '' : ` [${code.code}]`
  return `${firstLine(message)}${named}${label === null ? '' : `: ${label}`}${helps.slice(0, 2).join('')}`
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}

/** Returns the paths of the files that rustc did not find: those of a module, or of a file that is included. */
function missingFiles(messages: readonly RustMessage[], folder: string): string[] {
  return messages.flatMap(({ message, code, children }) => {
    const unread = /^couldn't read `?(.+?)`?: /.exec(message)?.[1]
    const modules = code?.code === 'E0583' ? children.flatMap((child) => [...child.message.matchAll(/"([^"]+)"/g)]) : []
    return [...(unread === undefined ? [] : [unread]), ...modules.map(([, name = '']) => name)].map((name) => resolve(folder, name))
  })
}
