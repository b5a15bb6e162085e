import type { NamedComponent } from '../../ecs/components/components.ts'
import { ScriptError } from '../../errors.ts'
import type { LinkContext } from '../../host/modules/import-module.ts'
import { nearestName } from '../../nearest-name.ts'
import { ECS_PACKAGE, GAME_INTERFACES, GAME_PACKAGE, SCRIPT_PACKAGE } from './game-interfaces.ts'
import type { PlannedImport } from './plan.ts'
import { snakeCase, witName } from './wit-names.ts'

/** What an import of a component is linked to. */
export interface Binding {
  /** `script`: the import of a script, with the same core type. `host`: a host function of the game. */
  readonly kind: 'script' | 'host'
  readonly module: string
  readonly name: string
}

const script = (module: string, name: string): Binding => ({ kind: 'script', module, name })

const COMPONENT_FUNCTIONS = { has: 'ecs.has', add: 'ecs.add', remove: 'ecs.remove' } as const
const RELATION_FUNCTIONS = { target: 'ecs.target', relate: 'ecs.relate', unrelate: 'ecs.unrelate' } as const

/** Returns what an import is linked to. Throws `UnknownImport`. */
export function bindingOf(entry: PlannedImport, context: LinkContext): Binding {
  const [path = ''] = entry.interface.split('@')
  const slash = path.indexOf('/')
  const [package_, name] = [path.slice(0, Math.max(0, slash)), path.slice(slash + 1)]
  const found = inPackage(package_, name, entry, context) ?? hostFunction(path, name, entry, context)
  if (found !== undefined) return found
  return (package_ === '' ? scriptFunction(name, entry.name, context) : undefined) ?? unknown(entry, context)
}

function inPackage(package_: string, name: string, entry: PlannedImport, context: LinkContext): Binding | undefined {
  const target = package_ === GAME_PACKAGE ? own(own(GAME_INTERFACES, name) ?? {}, entry.name) : undefined
  if (target !== undefined) return script(...target)
  if (package_ === ECS_PACKAGE) return ecsFunction(name, entry.name, context)
  return package_ === SCRIPT_PACKAGE ? scriptFunction(name, entry.name, context) : undefined
}

function ecsFunction(name: string, called: string, { ecs }: LinkContext): Binding | undefined {
  const component = find(ecs.components.byName.keys(), name)
  const relation = find(ecs.components.relations.byName.keys(), name)
  const related = relation === undefined ? undefined : own(RELATION_FUNCTIONS, called)
  if (related !== undefined && relation !== undefined) return script(related, relation)
  if (component === undefined) return undefined
  const membership = own(COMPONENT_FUNCTIONS, called)
  if (membership !== undefined) return script(membership, component)
  const [, access, field] = /^([gs]et)-(.+)$/.exec(called) ?? []
  const column = field === undefined ? undefined : find((ecs.components.byName.get(component) as NamedComponent).columns.keys(), field)
  return column === undefined ? undefined : script(`ecs.${access}`, `${component}.${column}`)
}

/** `count-position-and-not-dead` and `at-position-and-not-dead` are the query of these components. */
function scriptFunction(name: string, called: string, context: LinkContext): Binding | undefined {
  if (name === 'events') return script('emit', snakeCase(called))
  const [, verb, rest = ''] = /^(count|at|attach|detach)-(.+)$/.exec(called) ?? []
  if (name === 'scripts' && (verb === 'attach' || verb === 'detach')) return script(`ecs.${verb}`, rest)
  if (name !== 'queries' || (verb !== 'count' && verb !== 'at')) return undefined
  const terms = rest.split('-and-').map((term) => {
    const component = find(context.ecs.components.byName.keys(), term.replace(/^not-/, ''))
    return component === undefined ? undefined : `${term.startsWith('not-') ? '!' : ''}${component}`
  })
  return terms.includes(undefined) ? undefined : script(verb === 'count' ? 'ecs.query' : 'ecs.entity', terms.join(' '))
}

/** A host module is named by the whole interface, or by its name alone. */
function hostFunction(path: string, name: string, entry: PlannedImport, { host }: LinkContext): Binding | undefined {
  const modules = Object.keys(host)
  const module = modules.find((each) => each === path) ?? find(modules, name)
  const functions = module === undefined ? undefined : own(host, module)
  if (module === undefined || functions === undefined) return undefined
  const found = find(Object.keys(functions), entry.name)
  return found === undefined ? undefined : { kind: 'host', module, name: found }
}

/** Returns the name that WIT writes in this way. */
function find(names: Iterable<string>, wanted: string): string | undefined {
  for (const name of names) if (name === wanted || witName(name) === wanted) return name
  return undefined
}

function own<Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}

function unknown({ interface: from, name }: PlannedImport, { ecs, host }: LinkContext): never {
  const label = from === '' ? `'${name}'` : `'${from}#${name}'`
  const candidates = [
    ...Object.keys(GAME_INTERFACES).map((each) => `${GAME_PACKAGE}/${each}`),
    ...[...ecs.components.byName.keys(), ...ecs.components.relations.byName.keys()].map((each) => `${ECS_PACKAGE}/${witName(each)}`),
    ...Object.keys(host),
  ]
  const [path = ''] = from.split('@')
  const nearest = candidates.includes(path) ? undefined : nearestName(path, candidates)
  const advice = nearest === undefined ? 'bitscript wit prints what the game offers' : `did you mean '${nearest}'?`
  const wasi = path.startsWith('wasi:') ? 'a game has no WASI for components; ' : ''
  throw new ScriptError('UnknownImport', `the import ${label} does not exist; ${wasi}${advice}`)
}
