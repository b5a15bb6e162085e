import {
  type AbiImport,
  type DescribedComponent,
  type FieldType,
  type GameDescription,
  IMPORTS,
  PRICES,
  type ScriptImport,
} from '../../index.ts'
import { nameWords } from './names.ts'

/** The type of a value in any language. An `entity` is alive or was; an `eid` may be 0, which is no entity. */
export type GameType = FieldType | 'i64' | 'bool' | 'entity'

/** A parameter of a function. */
export interface Parameter {
  readonly name: string
  readonly type: GameType
}

/** A function that scripts of a game may import, in words that each language writes in its own way. */
export interface GameFunction {
  /** The import module and the name in it. */
  readonly module: string
  readonly name: string
  /** What it is, as a sentence names it: `the event hit`. */
  readonly thing: string
  /** The words of its name; `undefined` if no language can write it. */
  readonly words: readonly string[] | undefined
  readonly params: readonly Parameter[]
  readonly result: GameType | undefined
  /** What it does, and what it costs, as a line of a comment. */
  readonly meaning: string
  /** Whether it takes pointers. Then the library of a language calls it, in its own way. */
  readonly passesText: boolean
}

/** Functions that belong together. */
export interface FunctionGroup {
  readonly title: string
  readonly functions: readonly GameFunction[]
}

/** A query that loaded scripts run. */
export interface GameQuery {
  readonly terms: string
  readonly words: readonly string[] | undefined
  /** Runs the query. */
  readonly count: GameFunction
  /** Returns an entity of its result. */
  readonly entity: GameFunction
}

/** All that scripts of a game may import. The same game gives the same. */
export interface GameFunctions {
  readonly groups: readonly FunctionGroup[]
  readonly queries: readonly GameQuery[]
  /** Sentences about what no language can have. */
  readonly missing: readonly string[]
}

const ENTITY: Parameter = { name: 'entity', type: 'entity' }

/** Names of functions that are more than their import says, or would be mistaken for another. */
const OWN_WORDS: Readonly<Record<string, readonly string[]>> = { 'ecs.random': ['entity', 'random'], 'host.tick': ['ticks'] }
/** The results of functions with fixed names that are more than numbers. */
const OWN_RESULTS: Readonly<Record<string, GameType>> = { 'ecs.spawn': 'entity', 'ecs.exists': 'bool', 'host.tick': 'u32' }
/** The import modules whose functions take nothing but pointers and lengths, if they take anything. */
const TEXT_MODULES: readonly string[] = ['host', 'storage', 'http']
const TITLES: Readonly<Record<string, string>> = {
  ecs: 'Entities',
  host: 'Time, chance, memory, the log',
  math: 'Mathematics, with the same bits on every engine',
  storage: 'Storage',
  http: 'Requests by HTTP',
}

/** Returns what scripts of a game may import, with the documentation of the ABI. */
export function gameFunctions(game: GameDescription): GameFunctions {
  const missing: string[] = []
  const groups = [
    fixedGroup('ecs'),
    ...game.components.map(componentGroup),
    { title: 'Relations', functions: game.relations.flatMap(relationFunctions) },
    { title: 'Other scripts', functions: game.scripts.flatMap(scriptFunctions) },
    { title: 'Events', functions: eventFunctions(game, missing) },
    { title: 'Functions of the game', functions: hostFunctions(game, missing) },
    fixedGroup('host'),
    fixedGroup('math'),
    {
      title: 'Metrics',
      functions: Object.entries(METRICS).flatMap(([module, verb]) => named(game, module, (name) => metric(module, verb, name))),
    },
    {
      title: 'Values of the config that loaded scripts read',
      functions: ['config.number', 'config.flag'].flatMap((module) => named(game, module, (path) => configValue(module, path))),
    },
    fixedGroup('storage'),
    fixedGroup('http'),
  ]
  return { groups: groups.filter(({ functions }) => functions.length > 0), queries: queriesOf(game), missing }
}

const METRICS = { 'metrics.counter': 'count', 'metrics.gauge': 'gauge', 'metrics.histogram': 'observe' } as const

/** Returns the imports of the ABI with this module. */
function abiOf(module: string): readonly AbiImport[] {
  return IMPORTS.filter((each) => each.module === module)
}

interface Shape {
  readonly thing: string
  readonly words: readonly string[] | undefined
  readonly params?: readonly Parameter[]
  readonly result?: GameType | undefined
  readonly price?: number
}

/** Returns a function of an import module whose names follow a pattern. */
function patterned(module: string, name: string, { thing, words, params = [], result, price }: Shape): GameFunction {
  const [abi] = abiOf(module)
  if (abi === undefined) throw new Error(`the ABI has no import module ${module}`)
  const numbers = abi.variadic === true ? PRICES.eventNumber * params.length : 0
  const meaning = meaningOf(name, abi.meaning, (price ?? abi.price) + numbers)
  return { module, name, thing, words, params, result, meaning, passesText: false }
}

function meaningOf(name: string, meaning: string, price: number): string {
  return `${name}: ${meaning} (fuel ${price})`
}

function fixedGroup(module: string): FunctionGroup {
  return { title: TITLES[module] as string, functions: abiOf(module).map(fixedFunction) }
}

function fixedFunction({ module, name, params, results, price, meaning }: AbiImport): GameFunction {
  const called = String(name)
  const key = `${module}.${called}`
  const own = nameWords(called) ?? []
  const [result] = results
  return {
    ...{ module, name: called, thing: `the function ${key}` },
    words: OWN_WORDS[key] ?? (module === 'ecs' || module === 'host' ? own : [module, ...own]),
    params: params.map((type, index) =>
      module === 'ecs' ? ENTITY : { name: params.length === 1 ? 'x' : 'ab'.charAt(index) || `value${index + 1}`, type: valueType(type) },
    ),
    result: OWN_RESULTS[key] ?? (result === undefined ? undefined : valueType(result)),
    meaning: meaningOf(called, meaning, price),
    passesText: TEXT_MODULES.includes(module) && params.length > 0,
  }
}

function valueType(core: string): GameType {
  return core === 'i64' || core === 'f32' || core === 'f64' ? core : 'i32'
}

function componentGroup({ name, fields }: DescribedComponent): FunctionGroup {
  const own = nameWords(name)
  const thing = `the component ${name}`
  const member = (verb: string, result?: GameType): GameFunction =>
    patterned(`ecs.${verb}`, name, { thing: `${verb} of ${thing}`, words: own && [verb, ...own], params: [ENTITY], result })
  const access = fields.flatMap((field) => {
    const column = `${name}.${field.name}`
    const words = joined(own, nameWords(field.name))
    const value = { name: 'value', type: field.type } as const
    return [
      patterned('ecs.get', column, { thing: `the field ${column}`, words, params: [ENTITY], result: field.type, price: field.price }),
      patterned('ecs.set', column, {
        thing: `set of the field ${column}`,
        words: joined(['set'], words),
        params: [ENTITY, value],
        price: field.price,
      }),
    ]
  })
  return { title: `The component ${name}`, functions: [member('has', 'bool'), member('add'), member('remove'), ...access] }
}

function joined(first: readonly string[] | undefined, then: readonly string[] | undefined): readonly string[] | undefined {
  return first && then && [...first, ...then]
}

function relationFunctions(name: string): GameFunction[] {
  const words = nameWords(name)
  const thing = `the relation ${name}`
  const both = [ENTITY, { name: 'target', type: 'entity' } as const]
  return [
    patterned('ecs.target', name, { thing: `the target of ${thing}`, words: joined(words, ['target']), params: [ENTITY], result: 'eid' }),
    patterned('ecs.relate', name, { thing: `relate of ${thing}`, words: joined(['relate'], words), params: both }),
    patterned('ecs.unrelate', name, { thing: `unrelate of ${thing}`, words: joined(['unrelate'], words), params: both }),
  ]
}

function scriptFunctions(name: string): GameFunction[] {
  return ['attach', 'detach'].map((verb) =>
    patterned(`ecs.${verb}`, name, { thing: `${verb} of the script ${name}`, words: joined([verb], nameWords(name)), params: [ENTITY] }),
  )
}

/** Returns the imports of loaded scripts from a module, made into functions, one for each name. */
function named(game: GameDescription, module: string, make: (name: string) => GameFunction): GameFunction[] {
  const names = new Set(game.imports.filter((each) => each.module === module).map(({ name }) => name))
  return [...names].map(make)
}

function metric(module: string, verb: string, name: string): GameFunction {
  const params = [{ name: 'value', type: 'f64' } as const]
  return patterned(module, name, { thing: `the metric ${name}`, words: joined([verb], nameWords(name)), params })
}

function configValue(module: string, path: string): GameFunction {
  const result = module === 'config.flag' ? 'bool' : 'f64'
  return patterned(module, path, { thing: `the ${module} ${path}`, words: joined(['config'], nameWords(path)), result })
}

/** Returns the functions that emit the events which scripts handle or emit. One may take fewer numbers than another. */
function eventFunctions({ events, imports }: GameDescription, missing: string[]): GameFunction[] {
  const emitted = imports.filter(({ module }) => module === 'emit')
  const names = [...new Set([...events.keys(), ...emitted.map(({ name }) => name)])].sort()
  return names.flatMap((name) => {
    const known = [...(events.get(name) ?? []), ...emitted.filter((each) => each.name === name).map(({ params }) => params)]
    const longest = [...known].sort((one, other) => other.length - one.length)[0] ?? []
    if (!known.every((each) => each.every((type, index) => type === longest[index]))) {
      const types = [...new Set(known.map((each) => `(${each.join(', ')})`))].sort()
      missing.push(`The event ${name} is missing: scripts give or take it with numbers of different types: ${types.join(', ')}.`)
      return []
    }
    const words = joined(['emit'], nameWords(name))
    return patterned('emit', name, { thing: `the event ${name}`, words, params: valuesOf(longest) })
  })
}

function valuesOf(types: readonly string[]): readonly Parameter[] {
  return types.map((type, index) => ({ name: `value${index + 1}`, type: valueType(type) }))
}

/** Returns the game's own functions with the types that loaded scripts import them with: only those say them. */
function hostFunctions({ hostFunctions: offered, imports }: GameDescription, missing: string[]): GameFunction[] {
  return [...offered].flatMap(([module, names]) =>
    names.flatMap((name) => {
      const thing = `the function ${module}.${name}`
      const [own, other] = imports.filter((each) => each.module === module && each.name === name)
      if (own === undefined || other !== undefined || own.results.length > 1) {
        const why =
          own === undefined
            ? 'no loaded script says its type'
            : other === undefined
              ? 'it returns several values'
              : 'scripts give it different types'
        missing.push(`The function ${module}.${name} is missing: ${why}.`)
        return []
      }
      return hostFunction(own, thing)
    }),
  )
}

function hostFunction({ module, name, params, results }: ScriptImport, thing: string): GameFunction[] {
  const [result] = results
  const price = PRICES.hostCall + PRICES.argument * (params.length + results.length)
  return [
    {
      ...{ module, name, thing, words: joined(nameWords(module), nameWords(name)), params: valuesOf(params), passesText: false },
      result: result === undefined ? undefined : valueType(result),
      meaning: meaningOf(`${module}.${name}`, 'a function of the game', price),
    },
  ]
}

function queriesOf(game: GameDescription): readonly GameQuery[] {
  const found = new Map<string, GameQuery>()
  for (const { module, name } of game.imports) {
    if (module !== 'ecs.query' && module !== 'ecs.entity') continue
    const terms = name.trim().split(/\s+/)
    const key = [...new Set(terms)].sort().join(' ')
    if (found.has(key)) continue
    const parts = terms.map((term) => (term.startsWith('!') ? joined(['not'], nameWords(term.slice(1))) : nameWords(term)))
    const words = parts.reduce(joined, [])
    const thing = `the query ${terms.join(' ')}`
    const index = { name: 'index', type: 'u32' } as const
    found.set(key, {
      ...{ terms: terms.join(' '), words },
      count: patterned('ecs.query', terms.join(' '), { thing, words, result: 'u32' }),
      entity: patterned('ecs.entity', terms.join(' '), { thing, words: joined(words, ['entity']), params: [index], result: 'entity' }),
    })
  }
  return [...found.values()]
}
