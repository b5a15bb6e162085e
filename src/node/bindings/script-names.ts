import type { GameDescription } from '../../index.ts'

/** What scripts say of a game: the names that they handle, import and have. */
type ScriptNames = Pick<GameDescription, 'imports' | 'scripts'> & {
  readonly events: readonly (readonly [string, readonly (readonly string[])[]])[]
}

/** The end of a generated file holds the names, so that a script which fails to load loses none of those it is written with. */
const NAMES_LINE = /^(?:\/\/|;;) what scripts name: (\{.*\})\r?$/m

/** The import modules of the runtime whose names are the game's own, and depend on nothing but scripts. */
const OPEN_MODULES: readonly string[] = [
  'emit',
  'ecs.query',
  'ecs.entity',
  'metrics.counter',
  'metrics.gauge',
  'metrics.histogram',
  'config.number',
  'config.flag',
]

/** Returns the game without imports that say nothing of it. */
export function withOwnImports(game: GameDescription): GameDescription {
  return { ...game, imports: game.imports.filter(({ module }) => OPEN_MODULES.includes(module) || game.hostFunctions.has(module)) }
}

/** Returns what {@link withNamesOf} reads. */
export function namesLine(comment: string, { imports, scripts, events }: GameDescription): string {
  const names: ScriptNames = { scripts, events: [...events], imports }
  // The line is a comment in ASCII, whatever is in a name.
  const json = JSON.stringify(names).replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return `${comment} what scripts name: ${json}`
}

/** Returns a game with the names that a generated text has in addition. */
export function withNamesOf(game: GameDescription, text: string): GameDescription {
  const [, json] = NAMES_LINE.exec(text) ?? []
  if (json === undefined) return game
  const kept = JSON.parse(json) as ScriptNames
  const events = new Map(kept.events)
  for (const [name, handlers] of game.events) events.set(name, distinct([...(events.get(name) ?? []), ...handlers]))
  return {
    ...game,
    scripts: [...new Set([...game.scripts, ...kept.scripts])].sort(),
    imports: distinct([...game.imports, ...kept.imports]).sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1)),
    events: new Map([...events].sort(([one], [other]) => (one < other ? -1 : 1))),
  }
}

function distinct<Value>(values: readonly Value[]): Value[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()]
}
