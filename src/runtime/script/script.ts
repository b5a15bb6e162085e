import type { Attachment } from '../../ecs/entities/attachment.ts'
import type { Hooks } from '../../ecs/entities/hooks.ts'
import type { ScriptError } from '../../errors.ts'
import type { Program } from '../../guest/guest.ts'
import type { ScriptLink } from '../../guest/module-description.ts'
import type { Random } from '../../host/services/random.ts'
import type { ScriptLog } from '../../host/services/script-log.ts'
import type { ScriptServices } from '../../host/services/script-services.ts'
import { type ResolvedLoadOptions, reasonToCall } from '../api/load-options.ts'
import type { ScriptId, ScriptInfo, ScriptStats, ScriptStatus } from '../api/script-info.ts'
import type { Running } from './generation.ts'

type MutableStats = { -readonly [Key in keyof ScriptStats]: ScriptStats[Key] }

/** A script through all its generations. */
export interface Script {
  readonly id: ScriptId
  readonly name: string
  readonly options: ResolvedLoadOptions
  readonly attachment: Attachment
  readonly log: ScriptLog
  readonly random: Random
  /** The config: that of the options, or what `configure` set in its place. `undefined` where a module is only checked, with no config. */
  config: unknown
  /** What services hold of it; `undefined` as long as no generation has imported one. */
  services: ScriptServices | undefined
  /** What {@link infoOf} returned; `undefined` until then. */
  info: ScriptInfo | undefined
  readonly stats: MutableStats
  /** The stats of the last completed tick. */
  readonly lastStats: MutableStats
  /** The code it runs; `undefined` until it is loaded, and once it is unloaded. Only `install` sets it. */
  running: Running | undefined
  status: ScriptStatus
  /** What happened to entities since its hooks were last called; `undefined` if it has no hooks. */
  hooks: Hooks | undefined
  /** Gives back the components that it declared; `undefined` if it has none. */
  releaseComponents: (() => void) | undefined
  /** Whether it is paused: it stays loaded, and nothing of it runs in ticks. */
  isPaused: boolean
  /** The ticks at which it was restarted after a fault, as far as its `onFault` counts them. */
  restarts: number[]
  /** The fault after which it was not restarted. */
  givenUp: ScriptError | undefined
  /** Resolves when it is active. Rejects with the mistake that ended its load. */
  loaded: Promise<void>
  generationNumber: number
  url: URL | undefined
  fault: ScriptError | undefined
  entity: number
  /** The version of that entity. bitECS reuses ids. */
  entityVersion: number
  /** The probation of the generation that it runs; `undefined` if it is on none. */
  probation: { readonly ticksLeft: number } | undefined
  /** Calls the cleanup that the source's `follow` returned. */
  unfollow: (() => void) | undefined
  /** The number of reloads started. A reload with an earlier number has been overtaken. */
  reloads: number
  /** Fuel left in this tick. */
  fuel: number
  /** Whether it faulted with no fuel left. It then runs nothing until the next tick. */
  isExhausted: boolean
  /** The tick from which on it may run on groups of entities again: where many leave, one by one is faster. */
  vectorsAgainAt: number
  /** The fuel that `update` of an entity spent on average in the last tick in which it ran. */
  entityFuel: number
  /** Fuel that its jobs spent in this tick. */
  jobFuel: number
  /** Fuel left in this tick for creating instances of entities. */
  instanceFuel: number
  /** The `state_version` of the state that is being passed to `set_state`; 0 at other times. */
  stateVersion: number
  /** Entities spawned in this tick. */
  spawned: number
  /** Whether its `init`, or what a reload runs of it, is running as a transaction. */
  isInTransaction: boolean
}

/** The parts that {@link createScript} takes. */
export type NewScript = Pick<Script, 'id' | 'name' | 'options' | 'attachment' | 'log' | 'random' | 'url'>

/** Sets the code that a script runs; `undefined` removes it. Drops the calls of an instance that it replaces. */
export function install(script: Script, running: Running | undefined): void {
  const before = script.running?.instance
  if (before !== running?.instance) before?.late?.drop(`the script was ${running === undefined ? 'unloaded' : 'given another instance'}`)
  script.running = running
  script.services?.install(running?.generation)
}

/** Creates a script with the status `loading`. */
export function createScript(parts: NewScript): Script {
  const noStats: ScriptStats = { entities: 0, fuel: 0, ms: 0, calls: 0, logsDropped: 0, messagesDropped: 0 }
  return {
    ...parts,
    config: parts.options.config,
    services: undefined,
    info: undefined,
    stats: { ...noStats },
    lastStats: { ...noStats },
    running: undefined,
    status: 'loading',
    hooks: undefined,
    releaseComponents: undefined,
    isPaused: false,
    restarts: [],
    givenUp: undefined,
    loaded: Promise.resolve(),
    generationNumber: 0,
    fault: undefined,
    entity: 0,
    entityVersion: 0,
    probation: undefined,
    unfollow: undefined,
    reloads: 0,
    fuel: 0,
    isExhausted: false,
    vectorsAgainAt: 0,
    entityFuel: Number.POSITIVE_INFINITY,
    jobFuel: 0,
    instanceFuel: 0,
    stateVersion: 0,
    spawned: 0,
    isInTransaction: false,
  }
}

/** Returns the public view of a script. It shows what the script is when it is read. */
export function infoOf(script: Script): ScriptInfo {
  // Made when it is first asked for: its getters take longer to make than the rest of a script.
  script.info ??= createInfo(script)
  return script.info
}

function createInfo(script: Script): ScriptInfo {
  return Object.freeze({
    id: script.id,
    name: script.name,
    order: script.options.order,
    limits: script.options.limits,
    get guest() {
      return script.running?.generation.program.kind
    },
    get link() {
      return script.running && linkOfScript(script.options, script.running.generation.program)
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
    get warnings() {
      return Object.freeze([...(script.running?.generation.warnings ?? [])])
    },
    get probation() {
      return script.probation?.ticksLeft ?? 0
    },
    get stats() {
      return Object.freeze({ ...script.lastStats })
    },
    get url() {
      return script.url
    },
    get files() {
      const { manifest, mod } = script.running?.generation.program.source ?? {}
      return Object.freeze([...(script.url === undefined ? [] : [script.url]), ...(mod?.files ?? []), ...(manifest?.files ?? [])])
    },
    get fault() {
      return script.fault
    },
  })
}

/** Returns how a program reaches fields, with the options of its script. */
export function linkOfScript(options: ResolvedLoadOptions, program: Pick<Program, 'link'>): ScriptLink {
  const why = reasonToCall(options)
  return why === undefined ? program.link : { path: 'host', why, vector: false, loops: 0, obstacle: undefined }
}
