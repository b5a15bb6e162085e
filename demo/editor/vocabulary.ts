import type { AbiExport, AbiImport, GameDescription } from 'bitscript'

/** A function that scripts of the running game can import. */
export interface ImportedFunction {
  readonly module: string
  readonly name: string
  /** The types that it takes and gives; `undefined` if only the game knows them. */
  readonly params: readonly string[] | undefined
  readonly results: readonly string[]
  /** Units of fuel of a call, beside the one of the instruction. */
  readonly price: number
  readonly meaning: string
}

/** The tables of the ABI. */
export interface Abi {
  readonly imports: readonly AbiImport[]
  readonly exports: readonly AbiExport[]
  readonly prices: Readonly<Record<string, number>>
}

/** What scripts of the running game can name. */
export interface Vocabulary {
  readonly imports: readonly ImportedFunction[]
  /** The import modules whose names a script makes up, such as the terms of a query, by the word `*`. */
  readonly open: readonly ImportedFunction[]
  readonly exports: readonly AbiExport[]
  /** The names of the components, for the terms of a query. */
  readonly components: readonly string[]
  readonly events: readonly string[]
  readonly prices: Readonly<Record<string, number>>
}

/** The vocabulary while no game runs. */
export const NO_WORDS: Vocabulary = { imports: [], open: [], exports: [], components: [], events: [], prices: {} }

/** Returns what scripts of a game can name. */
export function vocabularyOf({ imports, exports, prices }: Abi, game: GameDescription): Vocabulary {
  const own = [...game.hostFunctions].flatMap(([module, names]) => names.map((name) => hostFunction(module, name, game, prices)))
  return {
    imports: [...imports.flatMap((each) => named(each, game)), ...own],
    open: imports.flatMap(({ name, ...each }) => (typeof name === 'string' ? [] : [{ ...each, name: name.example }])),
    exports,
    components: game.components.map(({ name }) => name),
    events: [...game.events.keys()],
    prices,
  }
}

/** Describes a function of the game. Its type is known if a loaded script imports it. */
function hostFunction(module: string, name: string, game: GameDescription, prices: Abi['prices']): ImportedFunction {
  const known = game.imports.find((each) => each.module === module && each.name === name)
  const passed = known === undefined ? 0 : known.params.length + known.results.length
  const price = (prices.hostCall ?? 0) + passed * (prices.argument ?? 0)
  return { module, name, params: known?.params, results: known?.results ?? [], price, meaning: 'a function of the game' }
}

/** Returns the imports of a pattern that the game gives names to. */
function named({ name, ...each }: AbiImport, game: GameDescription): ImportedFunction[] {
  if (typeof name === 'string') return [{ ...each, name }]
  const of = (names: readonly string[]): ImportedFunction[] => names.map((word) => ({ ...each, name: word }))
  switch (name.pattern) {
    case 'column':
      return game.components.flatMap((component) =>
        component.fields.map((field) => {
          const concrete = (type: string): string => (type === 'T' ? numberOf(field.type) : type)
          return {
            ...each,
            ...{ name: `${component.name}.${field.name}`, params: each.params.map(concrete), results: each.results.map(concrete) },
            price: field.price,
            meaning: `${each.meaning}; the field is ${field.type}`,
          }
        }),
      )
    case 'component':
      return of(game.components.map((component) => component.name))
    case 'relation':
      return of(game.relations)
    case 'script':
      return of(game.scripts)
    case 'event':
      return [...game.events].map(([event, [params]]) => ({ ...each, name: event, params: params ?? [] }))
    default:
      return []
  }
}

/** Returns the type by which scripts pass a field. */
function numberOf(type: string): string {
  return type === 'f32' || type === 'f64' ? type : 'i32'
}

/** Returns the import of this name, or what is known of its module. */
export function findImport({ imports, open }: Vocabulary, module: string, name: string): ImportedFunction | undefined {
  return imports.find((each) => each.module === module && each.name === name) ?? open.find((each) => each.module === module && name !== '')
}

/** Returns a type as WAT: `(param i32) (result f32)`. */
export function typeText(params: readonly string[], results: readonly string[]): string {
  const part = (word: string, types: readonly string[]): string[] => (types.length === 0 ? [] : [`(${word} ${types.join(' ')})`])
  return [...part('param', params), ...part('result', results)].join(' ')
}

/** Returns the fuel of a call, as `1 + 30`. */
export function callFuel(price: number): string {
  return price === 0 ? '1' : `1 + ${price.toLocaleString('en')}`
}
