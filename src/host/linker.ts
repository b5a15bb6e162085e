import { type AbiImport, IMPORTS } from '../abi/abi.ts'
import type { Column, NamedComponent } from '../ecs/components/components.ts'
import {
  addNamed,
  despawn,
  type Ecs,
  exists,
  getField,
  hasNamed,
  leaveRaised,
  removeNamed,
  setField,
  spawn,
} from '../ecs/entities/access.ts'
import type { Attachment } from '../ecs/entities/attachment.ts'
import type { ScriptQueries } from '../ecs/queries/script-queries.ts'
import { parseTerms, type QueryTerms } from '../ecs/queries/terms.ts'
import { toScriptError } from '../engine/trap.ts'
import { ScriptError } from '../errors.ts'
import { locateName } from '../guest/script/locate.ts'
import { nearestName, suggest } from '../nearest-name.ts'
import type { HostContext } from '../runtime/api/script-info.ts'
import type { SourceModule } from '../runtime/load/source.ts'
import { type DecodedModule, type FunctionType, formatFunctionType, type ModuleImport, sameFunctionType } from '../wasm/format/module.ts'
import type { TextBoundary } from '../wasm/instance/text-boundary.ts'
import { bindHostFunction, type HostModules } from './host-functions.ts'
import type { Accessor } from './inline/accessors.ts'
import { type Demand, deniedBy, type Grant } from './permissions.ts'
import type { Random } from './random.ts'
import { LONGEST_MESSAGE, type ScriptLog } from './script-log.ts'

/** What a script's imports act on. */
export interface LinkContext {
  readonly ecs: Ecs
  readonly queries: ScriptQueries
  readonly attachment: Attachment
  readonly log: ScriptLog
  readonly random: Random
  readonly grant: Grant | undefined
  readonly host: HostModules<HostContext>
  /** Seconds simulated and ticks completed. */
  readonly clock: { readonly time: number; readonly tick: number }
  /** The version of the state that `set_state` is being given. */
  readonly stateVersion: () => number
  /** The functions of `math`, if the module imports any. */
  readonly math: Readonly<Record<string, ImportFunction>>
  /** Counts a spawn against the limit. Throws `Trap`. */
  readonly countSpawn: () => void
  readonly emit: (event: string, args: readonly (number | bigint)[]) => void
  readonly hostContext: (text: () => TextBoundary) => HostContext
  /** Whether the script has not been unloaded: one that unloads itself runs on until it returns. */
  readonly isLoaded: () => boolean
}

export type ImportFunction = (...args: never[]) => number | bigint | undefined | void

/** An import that was found, granted and checked, short of the instance that it will serve. */
interface LinkedImport {
  readonly module: string
  readonly name: string
  readonly bind: (text: () => TextBoundary) => ImportFunction
  readonly inline: InlineForm | undefined
}

/** How an import can be inlined, and the column that it then writes in place. */
interface InlineForm {
  readonly accessor: Accessor
  readonly written?: Column
}

/** What a name stands for. */
interface Resolution {
  readonly bind: LinkedImport['bind']
  readonly demands: readonly Demand[]
  /** The type it must have; left out where any numbers will do. */
  readonly type?: FunctionType
  readonly inline?: InlineForm
}

/** A module's imports, found and checked. */
export interface LinkedImports {
  /** Makes the import object of one instance. `text` is asked for once the instance runs. */
  readonly bind: (text: () => TextBoundary) => WebAssembly.Imports
  /** The imports that can be inlined, by function index. */
  readonly accessors: ReadonlyMap<number, Accessor>
  /** The columns that those write. */
  readonly written: readonly Column[]
  /** What the import of that function index says of an operand that is out of range. */
  readonly refuse: (index: number, operand: number) => unknown
}

/**
 * Resolves every import of a module before anything is instantiated.
 * Throws `UnknownImport`, `GrantDenied`, `ImportTypeMismatch`, of text with the place of the import.
 */
export function linkImports(module: DecodedModule, context: LinkContext, source: SourceModule): LinkedImports {
  const linked = module.imports.map((entry) => {
    try {
      return linkImport(entry, context)
    } catch (error) {
      throw error instanceof ScriptError ? locateName(error, source, entry) : error
    }
  })
  const written = linked.flatMap(({ inline }) => (inline?.written === undefined ? [] : [inline.written]))
  return {
    // Every import is a function by now, so that its place is its function index.
    accessors: new Map(linked.flatMap(({ inline }, index) => (inline === undefined ? [] : [[index, inline.accessor]]))),
    written,
    refuse(index, operand) {
      const { raised } = context.ecs
      try {
        return linked[index]?.bind(noText)(operand as never, 0 as never)
      } catch (error) {
        return error
      } finally {
        context.ecs.raised = raised
      }
    },
    bind(text) {
      const imports: WebAssembly.Imports = {}
      for (const { module: from, name, bind } of linked) {
        imports[from] ??= {}
        imports[from][name] = bind(text) as WebAssembly.ImportValue
      }
      return imports
    },
  }
}

function noText(): never {
  throw new ScriptError('HostError', 'text was read where there is no instance')
}

function linkImport(entry: ModuleImport, context: LinkContext): LinkedImport {
  const { module, name } = entry
  const label = `${module}::${name}`
  const resolution = resolve(module, name, entry, context)
  for (const demand of resolution.demands) {
    const denied = deniedBy(context.grant, demand)
    if (denied !== undefined) throw new ScriptError('GrantDenied', `the import ${label} is not granted: ${denied}`)
  }
  if (entry.kind !== 'func') throw new ScriptError('ImportTypeMismatch', `the import ${label} is a ${entry.kind} and must be a function`)
  const { type } = resolution
  if (type !== undefined && !sameFunctionType(type, entry.type)) {
    const declared = formatFunctionType(entry.type)
    throw new ScriptError('ImportTypeMismatch', `the import ${label} is declared as ${declared} and must be ${formatFunctionType(type)}`)
  }
  return { module, name, bind: resolution.bind, inline: resolution.inline }
}

function resolve(module: string, name: string, entry: ModuleImport, context: LinkContext): Resolution {
  const rows = IMPORTS.filter((candidate) => candidate.module === module)
  const [first] = rows
  if (first === undefined) return resolveHostFunction(module, name, entry, context)
  if (typeof first.name === 'object') return PATTERNS[first.name.pattern](first, name, entry, context)
  const found = rows.find((candidate) => candidate.name === name)
  if (found === undefined)
    unknown(
      module,
      name,
      rows.map((candidate) => candidate.name as string),
    )
  const type = found as FunctionType
  const bound = fixedFunction(module, name, context)
  return { type, demands: fixedDemands(module, name), bind: typeof bound === 'function' ? () => bound : bound.bind }
}

/** The same function, whose errors the script cannot swallow. */
function raising(ecs: Ecs, implementation: ImportFunction): ImportFunction {
  return (...args) => {
    try {
      return implementation(...args)
    } catch (error) {
      leaveRaised(ecs, toScriptError(error))
      throw error
    }
  }
}

/** What a script logs; what is too long is cut off. */
function message(text: TextBoundary, pointer: number, length: number): string {
  return text.readString(pointer, length, LONGEST_MESSAGE)
}

function fixedDemands(module: string, name: string): Demand[] {
  if (module !== 'ecs') return [{ kind: 'host', module, name }]
  return name === 'spawn' || name === 'despawn' ? [{ kind: 'spawn' }] : []
}

/** The imports with names of their own: one function, or one that needs the instance's memory. */
function fixedFunction(module: string, name: string, context: LinkContext): ImportFunction | Pick<LinkedImport, 'bind'> {
  const { ecs, attachment, log, random, clock } = context
  switch (`${module}.${name}`) {
    case 'ecs.spawn':
      return raising(ecs, () => {
        context.countSpawn()
        return spawn(ecs)
      })
    case 'ecs.despawn':
      return (entity: number) => despawn(ecs, entity)
    case 'ecs.exists':
      return (entity: number) => exists(ecs, entity)
    case 'ecs.attach':
      return raising(ecs, whileLoaded(context, addNamed(ecs, attachment.tag)))
    case 'ecs.detach':
      return whileLoaded(context, removeNamed(ecs, attachment.tag))
    case 'host.log':
      return { bind: (text) => raising(ecs, (pointer: number, length: number) => log.line(1, () => message(text(), pointer, length))) }
    case 'host.log_level':
      return {
        bind: (text) =>
          raising(ecs, (level: number, pointer: number, length: number) => log.line(level, () => message(text(), pointer, length))),
      }
    case 'host.time':
      return () => clock.time
    case 'host.tick':
      return () => clock.tick
    case 'host.random':
      return () => random.next()
    case 'host.state_version':
      return () => context.stateVersion()
    default:
      return context.math[name] as ImportFunction
  }
}

function whileLoaded(context: LinkContext, change: (entity: number) => void): (entity: number) => void {
  return (entity) => {
    if (context.isLoaded()) change(entity)
  }
}

type PatternResolver = (row: AbiImport, name: string, entry: ModuleImport, context: LinkContext) => Resolution

/** The import modules whose names are those of columns, components, query terms or events. */
const PATTERNS: Readonly<Record<'column' | 'component' | 'terms' | 'event', PatternResolver>> = {
  column(row, name, _, { ecs }) {
    const column = findColumn(row.module, name, ecs)
    const type = withColumnType(row, column)
    const { component, layout } = column
    const isGet = row.module === 'ecs.get'
    const resolution = isGet
      ? constant(getField(ecs, column), type, [{ kind: 'read', component }])
      : constant(setField(ecs, column), type, [{ kind: 'write', component }])
    if (layout === undefined || layout.memory !== ecs.components.reserve?.memory) return resolution
    const accessor: Accessor = { access: isGet ? 'get' : 'set', type: column.type, base: layout.base, capacity: ecs.components.capacity }
    return { ...resolution, inline: isGet ? { accessor } : { accessor, written: column } }
  },
  component(row, name, _, { ecs }) {
    const { component } = findComponent(row.module, name, name, ecs)
    const type = row as FunctionType
    if (row.module === 'ecs.has') return constant(hasNamed(ecs, component), type, [{ kind: 'know', component: name }])
    const change: Demand = { kind: 'change', component: name }
    return constant(row.module === 'ecs.add' ? raising(ecs, addNamed(ecs, component)) : removeNamed(ecs, component), type, [change])
  },
  terms(row, name, _, { ecs, queries }) {
    const terms = findTerms(row.module, name, ecs)
    const found = queries.get(terms)
    const demands = [...terms.all, ...terms.none].map((component): Demand => ({ kind: 'know', component }))
    if (row.module === 'ecs.query')
      return constant(
        raising(ecs, () => found.run()),
        row as FunctionType,
        demands,
      )
    const resolution = constant((index: number) => found.entity(index), row as FunctionType, demands)
    return found.address === undefined ? resolution : { ...resolution, inline: { accessor: { access: 'entity', result: found.address } } }
  },
  event(_, name, entry, { ecs, emit }) {
    const demands: Demand[] = [{ kind: 'emit', event: name }]
    const bind = (): ImportFunction => raising(ecs, (...args: (number | bigint)[]) => emit(name, args))
    if (entry.kind !== 'func') return { bind, demands }
    if (name === '') unknown('emit', name, [])
    const type = { params: entry.type.params.map((param) => (isNumber(param) ? param : 'a number')), results: [] }
    return { bind, demands, type }
  },
}

function constant(value: ImportFunction, type: FunctionType, demands: readonly Demand[]): Resolution {
  return { bind: () => value, type, demands }
}

function resolveHostFunction(module: string, name: string, entry: ModuleImport, context: LinkContext): Resolution {
  const functions = Object.hasOwn(context.host, module) ? context.host[module] : undefined
  if (functions === undefined) unknownModule(module, name, context)
  const implementation = Object.hasOwn(functions, name) ? functions[name] : undefined
  if (implementation === undefined) unknown(module, name, Object.keys(functions))
  const demands: Demand[] = [{ kind: 'host', module, name }]
  if (entry.kind !== 'func') return { bind: () => () => undefined, demands }
  const { params, results } = entry.type
  const number = (type: string): string => (isNumber(type) ? type : 'a number')
  const type = { params: params.map(number), results: results.map(number) }
  const label = `${module}.${name}`
  const bind = (text: () => TextBoundary): ImportFunction =>
    raising(context.ecs, bindHostFunction(label, entry.type, context.hostContext(text), implementation) as ImportFunction)
  return { demands, type, bind }
}

function findColumn(module: string, name: string, ecs: Ecs): Column {
  const [componentName = '', field = ''] = name.split('.')
  const component = ecs.components.byName.get(componentName)
  const column = component?.columns.get(field)
  if (column !== undefined && name === `${componentName}.${field}`) return column
  const all = [...ecs.components.byName.values()]
  if (component !== undefined && component.columns.size === 0) {
    throw new ScriptError('UnknownImport', `${module}::${name} does not exist: the component '${componentName}' has no fields`)
  }
  return unknown(
    module,
    name,
    all.flatMap((each) => [...each.columns.keys()].map((key) => `${each.name}.${key}`)),
  )
}

function findComponent(module: string, name: string, term: string, ecs: Ecs): NamedComponent {
  const component = ecs.components.byName.get(term)
  if (component !== undefined) return component
  const label = term === name ? '' : ` has no component '${term}'`
  if (label === '') unknown(module, name, [...ecs.components.byName.keys()])
  throw new ScriptError('UnknownImport', `${module}::${name}${label}${suggest(term, [...ecs.components.byName.keys()])}`)
}

function findTerms(module: string, name: string, ecs: Ecs): QueryTerms {
  const terms = parseTerms(name)
  if (terms === undefined) throw new ScriptError('UnknownImport', `${module}::${name} names no component to ask for`)
  for (const term of [...terms.all, ...terms.none]) findComponent(module, name, term, ecs)
  return terms
}

function withColumnType(row: AbiImport, column: Column): FunctionType {
  const concrete = (type: string): string => (type === 'T' ? column.number : type)
  return { params: row.params.map(concrete), results: row.results.map(concrete) }
}

function isNumber(type: string): boolean {
  return type === 'i32' || type === 'i64' || type === 'f32' || type === 'f64'
}

function unknown(module: string, name: string, candidates: readonly string[]): never {
  throw new ScriptError('UnknownImport', `${module}::${name} does not exist${suggest(name, candidates)}`)
}

function unknownModule(module: string, name: string, context: LinkContext): never {
  const modules = [...new Set(IMPORTS.map((row) => row.module)), ...Object.keys(context.host)]
  const nearest = nearestName(module, modules)
  const meant = nearest === undefined ? `; the modules are ${modules.join(', ')}` : `; did you mean '${nearest}'?`
  throw new ScriptError('UnknownImport', `${module}::${name} does not exist: there is no import module '${module}'${meant}`)
}
