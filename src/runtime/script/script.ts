import type { Attachment } from '../../ecs/entities/attachment.ts'
import type { ScriptError } from '../../errors.ts'
import type { Random } from '../../host/services/random.ts'
import type { ScriptLog } from '../../host/services/script-log.ts'
import type { ResolvedLoadOptions } from '../api/load-options.ts'
import type { ScriptId, ScriptInfo, ScriptStats, ScriptStatus } from '../api/script-info.ts'
import type { Running } from './generation.ts'

type MutableStats = { -readonly [Key in keyof ScriptStats]: ScriptStats[Key] }

/** A script through all its generations, as the runtime sees it. */
export interface Script {
  readonly id: ScriptId
  readonly name: string
  readonly options: ResolvedLoadOptions
  readonly attachment: Attachment
  readonly log: ScriptLog
  readonly random: Random
  readonly info: ScriptInfo
  readonly stats: MutableStats
  /** The stats of the last completed tick. */
  readonly lastStats: MutableStats
  /** The code it runs; `undefined` until it is loaded, and once it is unloaded. Only `install` sets it. */
  running: Running | undefined
  status: ScriptStatus
  generationNumber: number
  url: URL | undefined
  fault: ScriptError | undefined
  entity: number
  /** The version of that entity: its id may be given to another. */
  entityVersion: number
  /** Ends the following by its source. */
  unfollow: (() => void) | undefined
  /** How often a reload was asked for: tells one that was overtaken. */
  reloads: number
  /** Fuel left in this tick. */
  fuel: number
  /** Whether it faulted in this tick with no fuel left: then it does nothing more until the next. */
  isExhausted: boolean
  /** Fuel left in this tick to make instances of entities with. */
  instanceFuel: number
  /** The `state_version` of the state that `set_state` is being given; 0 at other times. */
  stateVersion: number
  /** Entities spawned in this tick. */
  spawned: number
}

/** What a script is made of. */
export type ScriptParts = Pick<Script, 'id' | 'name' | 'options' | 'attachment' | 'log' | 'random' | 'url'>

/** Gives a script the code that it runs from now on; `undefined` takes it away. */
export function install(script: Script, running: Running | undefined): void {
  script.running = running
}

/** Makes a script that is still loading. */
export function createScript(parts: ScriptParts): Script {
  const noStats: ScriptStats = { entities: 0, fuel: 0, ms: 0, calls: 0, logsDropped: 0 }
  const script: Script = {
    ...parts,
    info: {
      id: parts.id,
      name: parts.name,
      order: parts.options.order,
      get guest() {
        return script.running?.generation.program.kind
      },
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
        return script.running?.metadata
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
    running: undefined,
    status: 'loading',
    generationNumber: 0,
    fault: undefined,
    entity: 0,
    entityVersion: 0,
    unfollow: undefined,
    reloads: 0,
    fuel: 0,
    isExhausted: false,
    instanceFuel: 0,
    stateVersion: 0,
    spawned: 0,
  }
  Object.freeze(script.info)
  return script
}
