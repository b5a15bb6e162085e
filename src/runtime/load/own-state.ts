import { EXPORT } from '../../abi/exports.ts'
import { DEFAULT_LIMITS } from '../../abi/limits.ts'
import type { ScriptFrame } from '../../errors.ts'
import { openPlan } from '../../guest/component/describe-component.ts'
import { GAME_INTERFACES, GAME_PACKAGE } from '../../guest/component/game-interfaces.ts'
import { moduleCache } from '../../guest/module-cache.ts'
import type { ModuleDescription } from '../../guest/module-description.ts'
import { abbreviate } from '../../printable.ts'
import { stackPointers } from '../../wasm/decode/stack-pointers.ts'
import { type StateUses, stateUses } from '../../wasm/decode/state-uses.ts'
import { type DecodedModule, hasDebugInformation, importedFunctions } from '../../wasm/format/module.ts'
import type { SourceModule } from '../../wasm/text/source-module.ts'
import { inSource } from '../script/faults.ts'
import { describeSource } from './describe-module.ts'
import type { ScriptSource } from './script-source.ts'
import { readSource, sourceName } from './source.ts'

/** What a script keeps or does that is not in the fields of components, and so not in what a room sends to its clients. */
export interface OwnState extends Partial<ScriptFrame> {
  /** What keeps it, or what a client cannot repeat. */
  readonly kind:
    | 'global'
    | 'memory'
    | 'table'
    | 'random'
    | 'spawn'
    | 'event'
    | 'storage'
    | 'message'
    | 'relation'
    | 'attachment'
    | 'variables'
    | 'job'
    | 'http'
  /** What it is, and what to do. */
  readonly message: string
  /** The source lines around the place. */
  readonly frame?: string
}

type Finding = Pick<OwnState, 'kind' | 'message'>

/**
 * Finds what would make a script differ on a client that predicts it: globals and memory that it changes, random numbers from a stream,
 * entities that it makes, events, messages, relations, storage. What only `init` changes, or code that passes a state or a config, counts as equal
 * on both sides. An empty list means that the script keeps all it has in fields of components.
 *
 * @throws {ScriptError} the errors of `describeModule`
 * @example
 * for (const { message, location } of await findOwnState(new URL('./mover.wat', import.meta.url))) console.warn(message, location)
 */
export async function findOwnState(source: ScriptSource): Promise<readonly OwnState[]> {
  const name = sourceName(source) ?? 'script'
  try {
    const read = await readSource(source, name, DEFAULT_LIMITS)
    const described = await describeSource(read)
    const found: OwnState[] = exportsFound(described)
    if (described.guest === 'component') {
      found.push(...described.imports.flatMap((entry) => importFound(...scriptImport(entry.module ?? '', entry.name)) ?? []))
      for (const bytes of openPlan(read).modules) found.push(...(await moduleFound(read, await moduleCache.decode(bytes), true)))
    } else {
      found.push(...(await moduleFound(read, await moduleCache.decode(read.bytes), false)))
      for (const { bytes } of read.manifest?.linked ?? [])
        found.push(...(await moduleFound({ bytes, file: read.file }, await moduleCache.decode(bytes), false)))
    }
    return found
  } catch (error) {
    throw inSource(name, error)
  }
}

/** What runs only where a script starts, or passes its state on, which both sides do alike. */
const NOT_IN_TICKS: readonly string[] = [
  EXPORT.init,
  EXPORT.getState,
  EXPORT.setState,
  EXPORT.migrateState,
  EXPORT.getMetadata,
  EXPORT.getVersion,
  EXPORT.validateConfig,
  EXPORT.stateSize,
  EXPORT.alloc,
  EXPORT.dealloc,
  '_initialize',
  '_start',
]

async function moduleFound(source: SourceModule, module: DecodedModule, isPart: boolean): Promise<OwnState[]> {
  const roots = module.exports.filter(({ kind, name }) => kind === 'func' && !NOT_IN_TICKS.includes(name)).map(({ index }) => index)
  // Core modules of a component call each other in ways that only its plan knows.
  const all = isPart ? module.functions.keys() : roots
  const frameAt = await frames(source, module)
  return findings(module, stateUses(module, all), isPart).map(([finding, at]) => ({ ...finding, ...frameAt(at) }))
}

function findings(module: DecodedModule, { globals, memory, table, calls }: StateUses, isPart: boolean): (readonly [Finding, number])[] {
  const found: (readonly [Finding, number])[] = []
  const add = (kind: OwnState['kind'], at: number, message: string): number => found.push([{ kind, message }, at])
  const pointers = stackPointers(module)
  for (const [index, at] of globals) {
    if (pointers.includes(index)) continue
    const name = module.names.globals.get(index)
    add(
      'global',
      at,
      `the global ${name === undefined ? index : abbreviate(`$${name}`)} changes: keep what it holds in a field of a component`,
    )
  }
  if (memory !== undefined) add('memory', memory, 'it writes to its own memory: keep what lasts longer than a call in fields of components')
  if (table !== undefined) add('table', table, 'it changes its table: choose functions by a number in a field of a component')
  for (const [index, at] of isPart ? [] : calls) {
    const entry = module.imports.filter(({ kind }) => kind === 'func')[index]
    const imported = entry === undefined ? undefined : importFound(entry.module, entry.name)
    if (imported !== undefined) found.push([imported, at])
  }
  return found
}

/** Returns what an import does that a client cannot repeat; `undefined` if it can. */
function importFound(module: string, name: string): Finding | undefined {
  const what = `${module}.${name}`
  if (what === 'host.random' || what === 'wasi_snapshot_preview1.random_get')
    return { kind: 'random', message: `${what} draws from a stream, which a client is at another place of: draw by ecs.random` }
  if (what === 'ecs.spawn')
    return { kind: 'spawn', message: `${what} makes an entity that the server does not know: spawn in a script that only the server runs` }
  if (module === 'ecs.attach' || module === 'ecs.detach' || what === 'ecs.attach' || what === 'ecs.detach')
    return {
      kind: 'attachment',
      message: `${what} changes which entities a script runs on: mark them by a component, and test it in update`,
    }
  if (module === 'emit')
    return {
      kind: 'event',
      message: `${what} queues an event for the next tick: set a field, which a script of a later order reads in this tick`,
    }
  if (module === 'ecs.relate' || module === 'ecs.unrelate' || module === 'ecs.target')
    return { kind: 'relation', message: `${what} uses relations, which are no fields: keep the target in a field of type eid` }
  if (module === 'storage') return { kind: 'storage', message: `${what} keeps bytes with the script: keep them in fields of components` }
  if (module === 'http') return { kind: 'http', message: `${what} asks a server: do it in a script that only the server runs` }
  if (module === 'extism:host/env' && name.startsWith('var_'))
    return { kind: 'variables', message: `${what} keeps variables with the plugin: keep them in fields of components` }
  return undefined
}

/** Returns the import of a script that a component has under another name, or its own. */
function scriptImport(path: string, name: string): readonly [module: string, name: string] {
  const [interface_ = ''] = path.split('@')
  const [package_, called = ''] = interface_.split('/')
  const known = package_ === GAME_PACKAGE ? new Map(Object.entries(GAME_INTERFACES)).get(called) : undefined
  if (known !== undefined) return known[name] ?? [path, name]
  if (interface_.split('/').at(-1) === 'events') return ['emit', name]
  if (interface_.split('/').at(-1) === 'scripts') return [`ecs.${name.split('-')[0]}`, name]
  return ['target', 'relate', 'unrelate'].includes(name) ? [`ecs.${name}`, called] : [path, name]
}

/** Exports by which a script keeps something that waits for a tick. */
function exportsFound({ exports }: ModuleDescription): OwnState[] {
  const has = (name: string): boolean => exports.some((entry) => entry.name === name)
  const found: OwnState[] = []
  if (has(EXPORT.handleMessage) || has(EXPORT.handleCallback))
    found.push({ kind: 'message', message: 'messages wait for it in a queue: handle them in a script that only the server runs' })
  if (has(EXPORT.jobChunk))
    found.push({ kind: 'job', message: 'jobs run in it over many ticks: run them in a script that only the server runs' })
  return found
}

/** Returns what finds the function of an offset, and its place. */
async function frames(source: SourceModule, module: DecodedModule): Promise<(at: number) => Partial<OwnState>> {
  const debug = hasDebugInformation(module) ? await import('../../wasm/debug/debug.ts').catch(() => undefined) : undefined
  const places = source.reader?.textPlaces(source, module) ?? debug?.debugPlaces(source, module, module)
  const imported = importedFunctions(module)
  return (at) => {
    const body = module.bodies.findIndex(({ body: range }) => at >= range.start && at < range.end)
    if (body < 0) return {}
    const index = body + imported
    const exported = module.exports.find((entry) => entry.kind === 'func' && entry.index === index)
    const name = module.names.functions.get(index) ?? exported?.name ?? `function ${index}`
    const all = places?.framesAt(index, at, name) ?? [{ function: abbreviate(name) }]
    // Code of a library is shown where the author's own code calls it.
    const own = all.find(({ location }) => location !== undefined && places?.isOwn(location.file) === true) ?? all[0]
    const frame = own?.location === undefined ? undefined : places?.codeFrame(own.location)
    return { ...own, ...(frame !== undefined && { frame }) }
  }
}
