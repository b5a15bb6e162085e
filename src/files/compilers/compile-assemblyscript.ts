import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { ScriptError } from '../../errors.ts'
import { Turns } from '../../turns.ts'
import { linesOf } from '../../wasm/text/code-frame.ts'
import { type AscAnswer, type AscMistake, type AscRequest, workerUrl } from './asc-worker.ts'
import { ascConfig, CONFIG_NAME } from './asconfig.ts'
import type { Compiled } from './compiler.ts'
import { withSourceMap } from './inline-source-map.ts'
import { type CompilerMistake, compilerFailed, invalidSource, placeMistakes } from './mistakes.ts'
import { packageFolders } from './package-folders.ts'
import { MAX_TIME } from './programs.ts'

const OUTPUT = 'module.wasm'
const MAP = `${OUTPUT}.map`
/** The module, with the names of functions, and where each instruction comes from. */
const FLAGS: readonly string[] = ['-o', OUTPUT, '--debug', '--sourceMap', MAP]
const INSTALL = "run 'npm install --save-dev assemblyscript'"

/**
 * Returns whether a `.ts` file is meant as AssemblyScript: it is in a folder named `assembly`, an `asconfig.json` is beside or above it in
 * its package, or the package depends on `assemblyscript`.
 */
export function isAssemblyScript(file: string): boolean {
  const folders = packageFolders(file)
  return (
    folders.some((folder) => basename(folder) === 'assembly' || existsSync(join(folder, CONFIG_NAME))) ||
    dependsOnAssemblyScript(join(folders.at(-1) as string, 'package.json'))
  )
}

function dependsOnAssemblyScript(path: string): boolean {
  try {
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as Record<string, Readonly<Record<string, unknown>> | undefined>
    const kinds = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies']
    return kinds.some((kind) => manifest[kind]?.assemblyscript !== undefined)
  } catch {
    return false
  }
}

/**
 * Compiles AssemblyScript with `assemblyscript/asc` of the package that the source is in, in a worker, so that a game runs on meanwhile.
 * Fails with `InvalidSource`, and with `BuildFailed` if the compiler crashes. Rejects with `EngineUnavailable` if it is not installed, and with
 * `LoadFailed` for TypeScript that is not meant as AssemblyScript.
 */
export async function compileAssemblyScript(file: string): Promise<Compiled> {
  if (!isAssemblyScript(file)) throw notAssemblyScript(file)
  const asc = findAsc(file)
  if (asc === undefined)
    throw new ScriptError('EngineUnavailable', `a script in AssemblyScript needs its compiler, which is no package here: ${INSTALL}`)
  const folder = packageFolders(file).at(-1) as string
  const { flags, files, refusal } = await ascConfig(file)
  if (refusal !== undefined) return { state: 'failed', error: refusal, dependencies: files }
  const source = relative(folder, file).split(sep).join('/')
  const answer = await ask(asc, { folder, source, flags: [...FLAGS, ...flags] })
  const read = answer.read.map((name) => resolve(folder, name))
  const dependencies = [...new Set([...read, ...files])].filter((path) => path !== file)
  const { [OUTPUT]: module, [MAP]: map } = answer.written
  if (module instanceof Uint8Array) {
    const warnings = await placeMistakes(
      answer.warnings.map((warning) => placed(warning, file)),
      folder,
    )
    return { state: 'compiled', module: typeof map === 'string' ? withSourceMap(module, map, folder) : module, dependencies, warnings }
  }
  const mistakes = answer.mistakes.map((mistake) => placed(mistake, file))
  const error =
    mistakes.length === 0 ? compilerFailed('asc', file, answer.failure ?? 'it wrote no module') : await invalidSource(mistakes, folder)
  return { state: 'failed', error, dependencies }
}

function notAssemblyScript(file: string): ScriptError {
  const advice = "add assemblyscript to the devDependencies of its package.json, or put it into a folder named 'assembly'"
  return new ScriptError('LoadFailed', `${file} is TypeScript, which cannot be a script. If it is AssemblyScript, ${advice}`)
}

/** Returns the URL of the compiler that a file's package depends on. */
function findAsc(file: string): string | undefined {
  for (const from of [file, join(process.cwd(), 'package.json'), import.meta.filename]) {
    try {
      const manifest = createRequire(from).resolve('assemblyscript/package.json')
      return pathToFileURL(join(dirname(manifest), 'dist/asc.js')).href
    } catch {
      // The next place may have it.
    }
  }
  return undefined
}

/** Adds the place of a mistake. One that has none is at the start of the source. */
function placed({ message, code, place }: AscMistake, file: string): CompilerMistake {
  const detail = `${message.replace(/\.$/, '')} [AS${code}]`
  if (place === undefined) return { detail, file, line: 1, column: 1 }
  const before = linesOf(place.text.slice(0, place.offset))
  const isLibrary = place.file.startsWith('~lib/')
  return {
    detail,
    file: place.file,
    line: before.length,
    column: (before.at(-1) ?? '').length + 1,
    ...(isLibrary && { text: place.text }),
  }
}

/** The workers by the URL of their compiler, which takes about a second to load. */
const workers = new Map<string, Worker>()
/** Each answers one request after the other. */
const turns = new Map<string, Turns>()

/** Asks a worker to compile, once it has answered all before. It keeps the process alive only meanwhile. */
function ask(asc: string, request: AscRequest): Promise<AscAnswer> {
  const own = turns.get(asc) ?? new Turns()
  turns.set(asc, own)
  return own.next(() => answerOf(asc, request))
}

function answerOf(asc: string, request: AscRequest): Promise<AscAnswer> {
  // One that crashed was replaced.
  const worker = workers.get(asc) ?? new Worker(workerUrl(asc))
  workers.set(asc, worker)
  worker.ref()
  return new Promise((done) => {
    const end = (answer: AscAnswer): void => {
      clearTimeout(timer)
      worker.off('message', end).off('error', crashed).off('exit', ended).unref()
      done(answer)
    }
    const crash = (failure: string): void => {
      workers.delete(asc)
      end({ written: {}, read: [], mistakes: [], warnings: [], failure })
      void worker.terminate()
    }
    const crashed = (error: unknown): void => crash(error instanceof Error ? error.message : String(error))
    const ended = (): void => crash('the compiler ended')
    const timer = setTimeout(() => crash(`asc did not end within ${MAX_TIME / 1000} s, so it was ended`), MAX_TIME)
    worker.on('message', end).on('error', crashed).on('exit', ended).postMessage(request)
  })
}
