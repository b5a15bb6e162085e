import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ScriptError, type TickReport, WasmScriptRuntime } from '../index.ts'

/** What a simulation is made with. */
export interface SimulationOptions {
  /** Decides every random number. */
  readonly seed: number
}

/** A game without a screen, as the command line runs it. */
export interface Simulation {
  readonly runtime: WasmScriptRuntime
  /** Loads the scripts and fills the world. Rejects with the mistake of the first script that has one. */
  load(): Promise<void>
  /** One fixed step of `dt` seconds: the game's own part, and the runtime's tick. */
  step(dt: number): TickReport
  /** Folder of scripts: `dev` loads what is new in it. */
  readonly folder?: URL
  /** What the closing report tells of the game, such as the score. */
  summary?(): Readonly<Record<string, string | number>>
}

/** What a simulation's module exports as `createSimulation`. */
export type CreateSimulation = (options: SimulationOptions) => Simulation | Promise<Simulation>

/**
 * Imports `createSimulation` from a module, in JavaScript or TypeScript, or from the `index` of a folder. Where Node does not run TypeScript (before
 * 22.18), the package `tsx` does, if it is installed. Rejects with `HostError`, `LoadFailed`.
 */
export async function importSimulation(path: string): Promise<CreateSimulation> {
  const file = await moduleFile(path)
  const url = pathToFileURL(file)
  await enableTypeScript(file)
  let module: { createSimulation?: unknown }
  try {
    module = await import(url.href)
  } catch (cause) {
    throw simulationError(`the simulation ${file} could not be imported`, cause)
  }
  const { createSimulation } = module
  if (typeof createSimulation !== 'function')
    throw new ScriptError('HostError', `the simulation ${file} must export a function createSimulation`)
  return async (options) => {
    const simulation = (await createSimulation(options)) as Partial<Simulation> | undefined
    const isComplete =
      simulation?.runtime instanceof WasmScriptRuntime && typeof simulation.load === 'function' && typeof simulation.step === 'function'
    if (!isComplete) throw new ScriptError('HostError', `createSimulation of ${file} must return { runtime, load(), step(dt) }`)
    return simulation as Simulation
  }
}

/** A mistake in the simulation's own code. A script's mistake stays what it is. */
export function simulationError(detail: string, cause: unknown): ScriptError {
  if (cause instanceof ScriptError) return cause
  return new ScriptError('HostError', `${detail}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
}

/** The module that a path names: for a folder, its index. */
async function moduleFile(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) throw new ScriptError('LoadFailed', `there is no file or folder ${path}`)
  if (!found.isDirectory()) return path
  const names = await readdir(path)
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
      'LoadFailed',
      `Node ${process.versions.node} runs TypeScript with the package tsx: run 'npm install --save-dev tsx'`,
      {
        cause,
      },
    )
  }
}
