import { snakeCase, witName } from '../guest/component/wit-names.ts'
import type { FieldType, GameDescription } from '../index.ts'
import { escapeLine } from '../printable.ts'

/** The words of WIT that a name may only be behind a `%`. */
const KEYWORDS: readonly string[] =
  'as async bool borrow char constructor enum error-context export f32 f64 flags from func future import include interface list map option own package record resource result s16 s32 s64 s8 static stream string tuple type u16 u32 u64 u8 use variant with world'.split(
    ' ',
  )

/** The types of fields as WIT writes them. */
const FIELD_TYPES: Readonly<Record<FieldType, string>> = {
  f32: 'f32',
  f64: 'f64',
  i8: 's8',
  u8: 'u8',
  i16: 's16',
  u16: 'u16',
  i32: 's32',
  u32: 'u32',
  eid: 'u32',
}

/** The types of the numbers of events as WIT writes them. */
const NUMBER_TYPES: ReadonlyMap<string, string> = new Map([
  ['i32', 's32'],
  ['i64', 's64'],
  ['f32', 'f32'],
  ['f64', 'f64'],
])

/** The world that imports everything, and what it is called where a component or a relation has that name. */
const WORLDS = ['game', 'game-world'] as const

/** An interface of the package `game:ecs`. A component and a relation of one name in WIT share it. */
interface GameInterface {
  readonly meanings: string[]
  /** The types of its functions by their names. */
  readonly functions: Map<string, string>
}

/**
 * Returns what a game offers to components, as WIT: the interfaces of its components and relations, a world that imports them, and then
 * `fixed`, what every game has. The same description gives the same text.
 */
export function gameWit(game: GameDescription, fixed: string): string {
  const missing: string[] = []
  const interfaces = interfacesOf(game, missing)
  const events = eventsOf(game.events, missing)
  const world = WORLDS.find((name) => !interfaces.has(name)) ?? WORLDS[1]
  const everywhere = [...fixed.matchAll(/^ {2}interface ([\w-]+) \{$/gm)].map(([, name]) => `bitscript:game/${name}`)
  const imports = [...[...interfaces.keys()].map(escaped), ...everywhere, ...(events.length > 0 ? ['game:script/events'] : [])]
  const lines = [
    '// What the game offers to components, as `bitscript wit` printed it. Put a world of your own behind it, or into a file beside it:',
    '//',
    '//   world mover {',
    `//     include ${world};`,
    '//     export update: func(entity: u32, dt: f32);',
    '//   }',
    ...hostLines(game.hostFunctions),
    ...(missing.length > 0 ? ['//', ...missing.map((each) => `// ${each}`)] : []),
    'package game:ecs;',
    '',
    ...[...interfaces].flatMap(([name, { meanings, functions }]) => [
      `/// ${sentence(meanings.join(', and '))}`,
      `interface ${escaped(name)} {`,
      ...[...functions].map(([called, type]) => `  ${called}: ${type};`),
      '}',
      '',
    ]),
    '/// All that the game offers.',
    `world ${world} {`,
    ...imports.map((name) => `  import ${name};`),
    '}',
    '',
    ...(events.length > 0
      ? ['package game:script {', '  /// Events that scripts of the game handle.', '  interface events {', ...events, '  }', '}', '']
      : []),
    fixed.trimEnd(),
  ]
  return `${lines.join('\n')}\n`
}

/** Returns the interfaces of components and relations by name. Adds what WIT cannot have to `missing`. */
function interfacesOf({ components, relations }: GameDescription, missing: string[]): ReadonlyMap<string, GameInterface> {
  const interfaces = new Map<string, GameInterface>()
  for (const { name, fields } of components) {
    const functions = functionsFor(interfaces, 'component', name, 'has', missing)
    functions?.set('has', 'func(entity: u32) -> bool').set('add', 'func(entity: u32)').set('remove', 'func(entity: u32)')
    const written = new Map<string, string>()
    for (const field of functions === undefined ? [] : fields) {
      const own = writable('field', `${name}.${field.name}`, witName(field.name), (each) => written.get(each), missing)
      if (own === undefined) continue
      written.set(own, `the field ${name}.${field.name}`)
      const type = FIELD_TYPES[field.type]
      functions?.set(`get-${own}`, `func(entity: u32) -> ${type}`).set(`set-${own}`, `func(entity: u32, value: ${type})`)
    }
  }
  for (const name of relations) {
    functionsFor(interfaces, 'relation', name, 'target', missing)
      ?.set('target', 'func(entity: u32) -> u32')
      .set('relate', 'func(entity: u32, target: u32)')
      .set('unrelate', 'func(entity: u32, target: u32)')
  }
  return interfaces
}

/** Returns the functions of the interface of a name, unless they have `first` already. */
function functionsFor(
  interfaces: Map<string, GameInterface>,
  kind: string,
  name: string,
  first: string,
  missing: string[],
): Map<string, string> | undefined {
  const taken = (own: string): string | undefined => {
    const known = interfaces.get(own)
    return known?.functions.has(first) === true ? known.meanings.join(', ') : undefined
  }
  const own = writable(kind, name, witName(name), taken, missing)
  if (own === undefined) return undefined
  const found: GameInterface = interfaces.get(own) ?? { meanings: [], functions: new Map() }
  found.meanings.push(`the ${kind} ${escapeLine(name)}`)
  interfaces.set(own, found)
  return found.functions
}

/** Returns a name in WIT. For one that WIT cannot write or that `taken` knows another of, adds to `missing` and returns `undefined`. */
function writable(
  kind: string,
  name: string,
  own: string | undefined,
  taken: (own: string) => string | undefined,
  missing: string[],
): string | undefined {
  const other = own === undefined ? undefined : taken(own)
  if (own !== undefined && other === undefined) return own
  const why = other === undefined ? 'WIT cannot write its name' : `WIT writes its name as that of ${escapeLine(other)}`
  missing.push(`The ${kind} ${escapeLine(name)} is missing: ${why}.`)
  return undefined
}

/** Returns the functions that emit the events which scripts handle. A handler may take fewer numbers than another. */
function eventsOf(events: GameDescription['events'], missing: string[]): readonly string[] {
  return [...events].flatMap(([event, handlers]) => {
    const name = witName(event)
    const own = writable('event', event, name !== undefined && snakeCase(name) === event ? name : undefined, () => undefined, missing)
    if (own === undefined) return []
    const longest = [...handlers].sort((one, other) => other.length - one.length)[0] ?? []
    if (!handlers.every((each) => each.every((type, index) => type === longest[index]))) {
      const types = handlers.map((each) => `(${each.join(', ')})`).sort()
      missing.push(`The event ${escapeLine(event)} is missing: its handlers take numbers of different types: ${types.join(', ')}.`)
      return []
    }
    const params = longest.map((type, index) => `value${index + 1}: ${NUMBER_TYPES.get(type)}`)
    return [`    ${escaped(own)}: func(${params.join(', ')});`]
  })
}

/** Returns comments with the game's own functions. Only the game knows their types. */
function hostLines(hostFunctions: GameDescription['hostFunctions']): readonly string[] {
  const offered = new Map<string, readonly string[]>()
  for (const [module, functions] of hostFunctions) {
    // An interface of a package names a host module in full.
    const own = /^[a-z][a-z0-9-]*:[a-z][a-z0-9-]*\/[a-z][a-z0-9-]*$/.test(module) ? module : witName(module)
    const names = functions.flatMap((name) => witName(name) ?? [])
    if (own !== undefined && names.length > 0 && !offered.has(own)) offered.set(own, [...new Set(names)])
  }
  const [sample] = [...offered].filter(([own]) => !own.includes(':'))
  return [
    ...(offered.size > 0
      ? ['//', '// Functions of the game itself. A world declares those that it calls, with the types that the game takes and gives:']
      : []),
    ...(sample === undefined
      ? []
      : ['//', `//   import ${escaped(sample[0])}: interface { ${escaped(sample[1][0] ?? '')}: func(value: s32); }`]),
    ...(offered.size > 0 ? ['//'] : []),
    ...[...offered].map(([own, names]) => `//   ${own}: ${names.join(', ')}`),
  ]
}

/** Returns a name as a declaration writes it. */
function escaped(name: string): string {
  return KEYWORDS.includes(name) ? `%${name}` : name
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`
}
