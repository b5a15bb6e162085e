import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ScriptCompilers } from '../files/compilers/own-compilers.ts'
import { addCompilers } from '../files/compilers/registry.ts'
import { type Mods, ScriptError, type TickReport, WasmScriptRuntime } from '../index.ts'
import { entriesOf } from './folder-entries.ts'
import { registerScriptImports } from './script-imports.ts'

/** The options that `createSimulation` receives. */
export interface SimulationOptions {
  /** The seed of the random numbers; pass it to `WasmScriptRuntime.create`. */
  readonly seed: number
}

/**
 * A game without a screen, which the `bitscript` command runs.
 *
 * @example
 * export const createSimulation: CreateSimulation = async ({ seed }) => {
 *   const runtime = await WasmScriptRuntime.create({ world: createWorld(), seed })
 *   return {
 *     runtime,
 *     load: async () => void (await runtime.loadModule(new URL('./mover.wat', import.meta.url))),
 *     step: (dt) => runtime.tick(dt),
 *   }
 * }
 */
export interface Simulation {
  /** The runtime of the game. */
  readonly runtime: WasmScriptRuntime
  /** Loads the scripts and fills the world. Rejects with the mistake of the first script that has one. */
  load(): Promise<void>
  /** Runs one fixed step of `dt` seconds: the game's own part and `runtime.tick`. Returns the report of the tick. */
  step(dt: number): TickReport
  /** The folder of the scripts, as a `file:` URL. `dev` loads the scripts that are added to it. @default none: `dev` loads no new scripts */
  readonly folder?: URL
  /**
   * Compilers for other languages than C, Rust and AssemblyScript, by file extension, or in place of them, as of the Vite plugin. `load` can load scripts in them
   * by their URLs.
   * @default none
   */
  readonly compilers?: ScriptCompilers
  /** Takes the mods that `--mods` loaded, before the first tick: to start their jobs, or to disable some. Not called in a replay, which has all of that. @default nothing is done */
  useMods?(mods: Mods): void | Promise<void>
  /** Returns values for the report at the end, such as the score, by name. */
  summary?(): Readonly<Record<string, string | number>>
}

/** The function that a simulation's module exports as `createSimulation`. */
export type CreateSimulation = (options: SimulationOptions) => Simulation | Promise<Simulation>

/**
 * Imports `createSimulation` from a JavaScript or TypeScript module, or from the `index` file of a folder. If Node cannot run
 * TypeScript (before 22.18), the package `tsx` must be installed. The module may import scripts as with Vite, such as
 * `./mover.wat?script`. Resolves with a function that also checks the simulation.
 *
 * @throws {ScriptError} LoadFailed if there is no such module, EngineUnavailable if `tsx` is missing, HostError if the module fails, or does not
 * export `createSimulation`
 * @example
 * const createSimulation = await importSimulation('./sim')
 * const { runtime, load } = await createSimulation({ seed: 7 })
 */
export async function importSimulation(path: string): Promise<CreateSimulation> {
  const file = await simulationFile(path)
  const url = pathToFileURL(file)
  await enableTypeScript(file)
  registerScriptImports()
  let module: { createSimulation?: unknown }
  try {
    module = await import(url.href)
  } catch (cause) {
    throw simulationError(`the simulation ${file} could not be imported${commonJsHint(cause)}`, cause)
  }
  const { createSimulation } = module
  if (typeof createSimulation !== 'function')
    throw new ScriptError('HostError', `the simulation ${file} must export a function createSimulation`)
  return async (options) => {
    const simulation = (await createSimulation(options)) as Partial<Simulation> | undefined
    const isComplete =
      simulation?.runtime instanceof WasmScriptRuntime && typeof simulation.load === 'function' && typeof simulation.step === 'function'
    if (!isComplete) throw new ScriptError('HostError', `createSimulation of ${file} must return { runtime, load(), step(dt) }`)
    if (simulation.compilers !== undefined) addCompilers(simulation.compilers, 'a simulation')
    return simulation as Simulation
  }
}

/** Returns a `HostError` for a mistake in the simulation's own code, and the error itself for a mistake in a script. */
export function simulationError(detail: string, cause: unknown): ScriptError {
  if (cause instanceof ScriptError) return cause
  return new ScriptError('HostError', `${detail}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
}

/** Returns what to do if Node read an ES module as CommonJS, as in a project that `npm init -y` made. */
function commonJsHint(cause: unknown): string {
  const isCommonJs = cause instanceof SyntaxError && /import statement outside a module|Unexpected token 'export'/.test(cause.message)
  return isCommonJs ? " (Node reads it as CommonJS: run 'npm pkg set type=module' in its project, or end its name in .mjs)" : ''
}

const MODULE = /\.[cm]?[jt]sx?$/

/** Resolves with the module that a path names: for a folder, its index. */
export async function simulationFile(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) throw new ScriptError('LoadFailed', `there is no file or folder ${path}`)
  if (!found.isDirectory()) {
    if (MODULE.test(path)) return path
    const right = 'a module (.js, .mjs, .ts, .mts) that exports createSimulation, or a folder with such an index'
    throw new ScriptError('LoadFailed', `${path} is no simulation: give ${right}`)
  }
  const names = (await entriesOf(path)).map(({ name }) => name)
  const index = ['index.ts', 'index.mts', 'index.js', 'index.mjs'].find((name) => names.includes(name))
  if (index === undefined) throw new ScriptError('LoadFailed', `the folder ${path} has no index.ts or index.js`)
  return join(path, index)
}

async function enableTypeScript(file: string): Promise<void> {
  if (!/\.[mc]?ts$/.test(file) || (process.features as { typescript?: unknown }).typescript) return
  try {
    const { register } = await import('tsx/esm/api')
    register({ tsconfig: false })
  } catch (cause) {
    throw new ScriptError(
      'EngineUnavailable',
      `Node ${process.versions.node} runs TypeScript with the package tsx: run 'npm install --save-dev tsx'`,
      {
        cause,
      },
    )
  }
}
