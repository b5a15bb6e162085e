/** The package of what every game has. */
export const GAME_PACKAGE = 'bitscript:game'
/** The package of the game's own components and relations: an interface for each. */
export const ECS_PACKAGE = 'game:ecs'
/**
 * The package of what a component names by itself: events that it emits, queries, other scripts. A world may also declare these interfaces
 * in itself, without a package.
 */
export const SCRIPT_PACKAGE = 'game:script'

/** The interfaces of {@link SCRIPT_PACKAGE}. */
export const SCRIPT_INTERFACES: readonly string[] = ['events', 'queries', 'scripts']

/** An import of a script, by its module and name. */
type ScriptImport = readonly [module: string, name: string]

const same = (module: string, names: readonly string[]): Readonly<Record<string, ScriptImport>> =>
  Object.fromEntries(names.map((name) => [name, [module, name]]))

/** The interfaces of {@link GAME_PACKAGE}, which wit/bitscript.wit declares: what scripts import in the place of each function. */
export const GAME_INTERFACES: Readonly<Record<string, Readonly<Record<string, ScriptImport>>>> = {
  log: { write: ['host', 'log'], 'write-level': ['host', 'log_level'] },
  entities: same('ecs', ['spawn', 'despawn', 'exists', 'random', 'attach', 'detach']),
  time: { seconds: ['host', 'time'], ticks: ['host', 'tick'] },
  state: { version: ['host', 'state_version'] },
  math: {
    ...same('math', ['sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'atan2', 'exp', 'log', 'pow', 'hypot']),
    random: ['host', 'random'],
  },
}
