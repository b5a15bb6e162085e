import type { Attachment } from '../../ecs/entities/attachment.ts'
import type { ScriptError } from '../../errors.ts'
import type { ScriptInstance } from '../../guest/script/instance.ts'
import type { Generation } from '../../guest/script/program.ts'
import type { Random } from '../../host/random.ts'
import type { ScriptLog } from '../../host/script-log.ts'
import type { ScriptMetadata } from '../api/metadata.ts'
import type { ResolvedLoadOptions } from '../api/options.ts'
import type { ScriptId, ScriptInfo, ScriptStats, ScriptStatus } from '../api/script-info.ts'
import type { Trial } from '../image/game-image.ts'

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
  /** The version of that entity: a later entity may have the same id. */
  entityVersion: number
  generationNumber: number
  url: URL | undefined
  metadata: ScriptMetadata | undefined
  fault: ScriptError | undefined
  /** The generation before, while this one is on probation. */
  trial: Trial | undefined
  /** Ends the following by what it was made of. */
  unfollow: (() => void) | undefined
  /** How often a reload was asked for: tells one that was overtaken. */
  reloads: number
  /** Fuel left in this tick. */
  fuel: number
  /** Fuel left in this tick to make instances of entities with. */
  makingFuel: number
  /** Entities that its queries looked at in this tick or call. */
  scanned: number
  /** The `state_version` of the state that `set_state` is being given; 0 at other times. */
  stateVersion: number
  /** Entities spawned in this tick. */
  spawned: number
  generation: Generation | undefined
  /** The instance of a shared script; of the other kind, the one that serves `call` and belongs to no entity. */
  instance: ScriptInstance | undefined
  /** The instances of a script with `instances: 'entity'`. */
  readonly entityInstances: Map<number, ScriptInstance>
}

/** Gives an instance the state that a generation saved which called its `version` this. Throws `StateRejected`. */
export function giveState(script: Script, instance: ScriptInstance, state: unknown, version: number | undefined): void {
  script.stateVersion = version ?? 0
  try {
    instance.writeState(state)
  } finally {
    script.stateVersion = 0
  }
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
    entityVersion: 0,
    generationNumber: 0,
    metadata: undefined,
    fault: undefined,
    trial: undefined,
    unfollow: undefined,
    reloads: 0,
    fuel: 0,
    makingFuel: 0,
    scanned: 0,
    stateVersion: 0,
    spawned: 0,
    generation: undefined,
    instance: undefined,
    entityInstances: new Map(),
  }
  Object.freeze(script.info)
  return script
}
