import type { Attachment } from '../ecs/attachment.ts'
import type { ScriptError } from '../errors.ts'
import type { ScriptLog } from '../host/log.ts'
import type { Random } from '../host/random.ts'
import type { Generation } from './generation.ts'
import type { ScriptInstance } from './instance.ts'
import type { ScriptMetadata } from './metadata.ts'
import type { ResolvedLoadOptions } from './options.ts'

/** Names a script for as long as it is loaded. Never used again for another. */
export type ScriptId = number

/** A script passes through these in this order; a fault makes it `faulted`, a reload `active` again. */
export type ScriptStatus = 'loading' | 'validating' | 'initializing' | 'active' | 'faulted' | 'disposed'

/** What a script did in the last tick. */
export interface ScriptStats {
  /** Entities it was run on. */
  readonly entities: number
  /** Instructions it spent. */
  readonly fuel: number
  readonly ms: number
  /** Calls of its exports. */
  readonly calls: number
  /** Lines it logged beyond `limits.logsPerTick`. */
  readonly logsDropped: number
}

/** A view of a script that stays true as the script goes on. */
export interface ScriptInfo {
  readonly id: ScriptId
  readonly name: string
  /** The entity of the script itself, whose `ScriptState` holds its saved state. */
  readonly entity: number
  /** 1 at load, one more with each reload. */
  readonly generation: number
  readonly status: ScriptStatus
  /** Scripts of a lower order run first. */
  readonly order: number
  /** What its `get_metadata` returned. */
  readonly metadata: ScriptMetadata | undefined
  readonly stats: ScriptStats
  /** Where it was last loaded from, if that was a URL. */
  readonly url: URL | undefined
  /** Why it is `faulted`. */
  readonly fault: ScriptError | undefined
}

/** What a host function gets as its first argument. */
export interface HostContext {
  /** The script that called. */
  readonly script: ScriptInfo
  /** Its exported memory. Throws `MissingExport` if it has none. */
  readonly memory: WebAssembly.Memory
  /** A UTF-8 string in its memory. Throws `InvalidPointer`. */
  readString(pointer: number, length: number): string
  /** The value of a JSON text in its memory. Throws `InvalidPointer`, `InvalidJson`. */
  readJson(pointer: number, length: number): unknown
}

/** Everything the runtime knows of a script, through all its generations. */
export interface Script {
  readonly id: ScriptId
  readonly name: string
  readonly options: ResolvedLoadOptions
  readonly attachment: Attachment
  readonly log: ScriptLog
  readonly random: Random
  readonly info: ScriptInfo
  readonly stats: { -readonly [Key in keyof ScriptStats]: ScriptStats[Key] }
  /** The stats of the last completed tick. */
  readonly lastStats: { -readonly [Key in keyof ScriptStats]: ScriptStats[Key] }
  status: ScriptStatus
  entity: number
  /** The life of that entity: its id may come to be another's. */
  entityLife: number
  generationNumber: number
  url: URL | undefined
  metadata: ScriptMetadata | undefined
  fault: ScriptError | undefined
  /** How often a reload was asked for: tells one that was overtaken. */
  reloads: number
  /** Entities spawned in this tick. */
  spawned: number
  generation: Generation | undefined
  /** The instance of a shared script; of the other kind, the one that serves `call` and belongs to no entity. */
  instance: ScriptInstance | undefined
  /** The instances of a script with `instances: 'entity'`. */
  readonly entityInstances: Map<number, ScriptInstance>
}

/** A new script, still loading. */
export function createScript(
  parts: Pick<Script, 'id' | 'name' | 'options' | 'attachment' | 'log' | 'random'> & { readonly url: URL | undefined },
): Script {
  const noStats = { entities: 0, fuel: 0, ms: 0, calls: 0, logsDropped: 0 }
  const script: Script = {
    ...parts,
    info: {
      id: parts.id,
      name: parts.name,
      order: parts.options.order,
      get entity() {
        return script.entity
      },
      get generation() {
        return script.generationNumber
      },
      get status() {
        return script.status
      },
      get metadata() {
        return script.metadata
      },
      get stats() {
        return Object.freeze({ ...script.lastStats })
      },
      get url() {
        return script.url
      },
      get fault() {
        return script.fault
      },
    },
    stats: { ...noStats },
    lastStats: { ...noStats },
    status: 'loading',
    entity: 0,
    entityLife: 0,
    generationNumber: 0,
    metadata: undefined,
    fault: undefined,
    reloads: 0,
    spawned: 0,
    generation: undefined,
    instance: undefined,
    entityInstances: new Map(),
  }
  Object.freeze(script.info)
  return script
}
