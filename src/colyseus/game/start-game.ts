import { createRelation, createWorld, type Relation, type World } from 'bitecs'
import {
  type ComponentsSchema,
  DEFAULT_LIMITS,
  type DefinedComponents,
  defineComponents,
  type Limits,
  type LogLine,
  type PreparedScript,
  prepare,
  type RuntimeOptions,
  ScriptError,
  type ScriptId,
  WasmScriptRuntime,
} from '../../index.ts'
import type { DefinedScript, GameDefinition, GameRelation } from './define-game.ts'

/** What a place that runs a game may choose for itself. */
export interface StartGameOptions extends Pick<RuntimeOptions, 'limits' | 'clock' | 'identify'> {
  /**
   * Fuel that all scripts together may spend in a tick. A script without `limits.fuel` of its own may spend an equal part of what the others leave, and no more
   * than the limits of the game allow.
   * @default as much as each script's own limit allows
   */
  readonly fuel?: number
  /** Called with every line that scripts log. */
  readonly onLog?: (line: LogLine) => void
}

/** A game that runs: a world and a runtime of its own, with the scripts loaded. */
export interface RunningGame<Schema extends ComponentsSchema = ComponentsSchema> {
  readonly world: World
  readonly components: DefinedComponents<Schema>
  readonly relations: Readonly<Record<string, Relation<unknown>>>
  readonly runtime: WasmScriptRuntime<DefinedComponents<Schema>>
  /** The ids of the scripts by name. */
  readonly scripts: Readonly<Record<string, ScriptId>>
}

/**
 * Makes a world and a runtime of a game, and loads its scripts. The world has no entities yet.
 *
 * @throws {ScriptError} the codes of `WasmScriptRuntime.create` and `loadModule`
 */
export async function startGame<Schema extends ComponentsSchema>(
  game: GameDefinition<Schema>,
  options: StartGameOptions = {},
): Promise<RunningGame<Schema>> {
  const { capacity, reserve, host, seed } = game
  const world = createWorld()
  const components = defineComponents(game.components, { capacity, reserve }) as DefinedComponents<Schema>
  const relations = Object.fromEntries(Object.entries(game.relations).map(([name, relation]) => [name, makeRelation(relation)]))
  const { fuel, ...others } = options
  const limits = { ...game.limits, ...options.limits, ...(fuel !== undefined && { fuel: shareFuel(game, fuel, options.limits) }) }
  const runtime = await WasmScriptRuntime.create({ world, components, relations, host, seed, ...others, limits })
  const scripts: Record<string, ScriptId> = {}
  try {
    for (const script of game.scripts)
      scripts[script.name] = await runtime.loadModule(await prepareScript(script), { ...script.options, name: script.name })
  } catch (error) {
    runtime.dispose()
    throw error
  }
  return Object.freeze({ world, components, relations, runtime, scripts: Object.freeze(scripts) })
}

const prepared = new WeakMap<DefinedScript, Promise<PreparedScript>>()

/** Prepares a script, once for all rooms of the process. */
export function prepareScript(script: DefinedScript): Promise<PreparedScript> {
  const before = prepared.get(script)
  if (before !== undefined) return before
  const { name, bytes, options } = script
  const preparing = prepare(bytes, { name, ...(options.limits !== undefined && { limits: options.limits }) })
  prepared.set(script, preparing)
  preparing.catch(() => prepared.delete(script))
  return preparing
}

/** Returns the fuel of a script that has no limit of its own. Throws `InvalidOptions` if nothing is left for it. */
function shareFuel({ scripts, limits }: GameDefinition, fuel: number, given: Partial<Limits> = {}): number {
  const own = scripts.flatMap(({ options }) => options.limits?.fuel ?? [])
  const rest = fuel - own.reduce((sum, each) => sum + each, 0)
  const sharing = scripts.length - own.length
  const share = Math.floor(rest / Math.max(1, sharing))
  if (rest < 0 || share < 1) {
    throw new ScriptError(
      'InvalidOptions',
      `${fuel} units of fuel are too few for ${scripts.length} scripts, of which some have ${fuel - rest} for themselves`,
    )
  }
  return Math.min(share, given.fuel ?? limits.fuel ?? DEFAULT_LIMITS.fuel)
}

function makeRelation({ exclusive, autoRemoveSubject, data }: Required<GameRelation>): Relation<unknown> {
  const store = (): Record<string, number[]> => Object.fromEntries(data.map((name) => [name, []]))
  return createRelation({ exclusive, autoRemoveSubject, ...(data.length > 0 && { store }) })
}
