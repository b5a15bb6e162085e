import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, isAbsolute, join } from 'node:path'
import { ScriptError } from '../../errors.ts'
import { packageFolders } from './package-folders.ts'

/** The name of the file in which a project keeps options of `asc`. */
export const CONFIG_NAME = 'asconfig.json'

/** What is compiled with, and what says so. */
export interface AscConfig {
  readonly flags: readonly string[]
  /** The paths of the files that decide the flags. One that is missing is one, too. */
  readonly files: readonly string[]
  /** Why they are refused; `undefined` if they are not. */
  readonly refusal: ScriptError | undefined
}

/** The part of a config that is read here. The compiler reads the rest, and checks all of it. */
interface ConfigFile {
  readonly options?: Readonly<Record<string, unknown>>
  readonly targets?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly extends?: string
}

/** The target of a config that is compiled: the one that `asc` takes by itself. */
const TARGET = 'release'
/** Options that run code of the project in this process. */
const RUNNING: readonly string[] = ['transform', 'wasm']
/** The flags that a config may replace, by the options with which it does. */
const DEFAULTS: readonly (readonly [options: readonly string[], ...flags: string[]])[] = [
  [['runtime'], '--runtime', 'stub'],
  [['optimize', 'optimizeLevel', 'shrinkLevel'], '-O3'],
  [['converge'], '--converge'],
  [['noAssert'], '--noAssert'],
]

/**
 * Resolves with the flags for a source: those that make small modules, where the `asconfig.json` beside or above it in its package says nothing else.
 * A config that asks for what runs code is refused.
 */
export async function ascConfig(file: string): Promise<AscConfig> {
  const candidates = packageFolders(file).map((folder) => join(folder, CONFIG_NAME))
  const found = candidates.findIndex((path) => existsSync(path))
  const path = candidates[found]
  const files = path === undefined ? candidates : candidates.slice(0, found + 1)
  const given = new Map<string, unknown>()
  const read = new Set<string>()
  for (let next = path; next !== undefined && !read.has(next); ) {
    read.add(next)
    const config = await readConfig(next)
    for (const options of [config?.targets?.[TARGET], config?.options])
      for (const [name, value] of Object.entries(options ?? {})) if (!given.has(name)) given.set(name, value)
    next = extended(config?.extends, next)
  }
  const running = RUNNING.find((name) => given.has(name))
  const flags = DEFAULTS.filter(([options]) => !options.some((name) => given.has(name))).flatMap(([, ...defaults]) => defaults)
  if (!listed(given.get('use')).some((each) => each.startsWith('abort='))) flags.push('--use', 'abort=')
  if (!listed(given.get('disable')).includes('simd')) flags.push('--enable', 'simd')
  if (path !== undefined) flags.push('--config', path)
  const refusal = running === undefined ? undefined : refused(running, path as string)
  return { flags, files: [...new Set([...files, ...read])], refusal }
}

/** Resolves with a config; `undefined` if the compiler is about to say what is wrong with it. */
async function readConfig(path: string): Promise<ConfigFile | undefined> {
  try {
    return (JSON.parse(await readFile(path, 'utf8')) ?? undefined) as ConfigFile | undefined
  } catch {
    return undefined
  }
}

/** Returns the path of the config that another one is based on: a file, or one of a package. */
function extended(name: unknown, from: string): string | undefined {
  if (typeof name !== 'string') return undefined
  if (isAbsolute(name)) return name
  if (name.startsWith('.')) return join(dirname(from), name)
  try {
    return createRequire(from).resolve(name)
  } catch {
    return undefined
  }
}

function listed(value: unknown): readonly string[] {
  return [value].flat().map(String)
}

function refused(option: string, path: string): ScriptError {
  const advice = "a 'build' of the script's manifest can run it, if the player allows that"
  return new ScriptError('BuildFailed', `${path} has the option ${option}, which runs code of the project while it is compiled: ${advice}`)
}
