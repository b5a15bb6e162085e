import type { World } from 'bitecs'
import type { Ecs } from '../../ecs/entities/access.ts'
import type { Attachment } from '../../ecs/entities/attachment.ts'
import type { Clock } from '../../ecs/entities/clock.ts'
import type { ScriptQueries } from '../../ecs/queries/script-queries.ts'
import { ScriptError } from '../../errors.ts'
import type { Guest, GuestInstance, LateAnswer, Program } from '../../guest/guest.ts'
import type { CacheCounts } from '../../guest/module-cache.ts'
import type { EventQueue } from '../../host/services/event-queue.ts'
import type { Invocations } from '../../host/services/invocations.ts'
import type { LinkedServices } from '../../host/services/linked-services.ts'
import type { Metric } from '../../host/services/script-metrics.ts'
import { invalidOption } from '../../options.ts'
import type { Emitter } from '../api/emitter.ts'
import type { HostCaller } from '../api/host-caller.ts'
import type { HttpOptions, ResolvedHttpOptions } from '../api/http-options.ts'
import type { InputSource } from '../api/input-log.ts'
import type { RestoreReport } from '../api/reports.ts'
import type { ResolvedRuntimeOptions } from '../api/runtime-options.ts'
import type { ActorPlan, Generation, Schedule } from './generation.ts'
import type { Jobs } from './jobs.ts'
import type { MessageQueue } from './message-queue.ts'
import type { Script } from './script.ts'

/** An answer of a worker that is not applied yet. */
export interface WaitingAnswer {
  readonly script: string
  readonly answer: LateAnswer
}

/** What brings the answers of workers into ticks. */
export interface Answers {
  /** Takes the answers that have come, for the tick that is about to begin, and records them. */
  readonly receive: (store: Store) => void
  /** Applies the answers that were taken. */
  readonly apply: (store: Store) => void
}

/** What undoes reloads whose code traps. */
export interface Probations {
  /** Called with every fault before it is reported; rolls back a script on probation. Returns the error to report. */
  readonly judge: (store: Store, script: Script, error: ScriptError) => ScriptError
  /** Counts a tick for all probations, and ends those that have passed. */
  readonly count: (store: Store) => void
  /** Ends the probation of a script, because it passed or the script was unloaded. */
  readonly end: (store: Store, script: Script) => void
  /** Rolls a script back. Returns where the game is then; `undefined` if the script is not on probation. */
  readonly revert: (store: Store, script: Script) => RestoreReport | undefined
}

/** What makes instances anew that trapped and do not resume. */
export interface Renewal {
  /** Keeps the state of a script's instance, as a tick begins. The script pays for the copy. */
  readonly keepState: (script: Script) => void
  /** Forgets that state, as the tick ends. */
  readonly forgetState: (script: Script) => void
  /** Returns whether an instance trapped that must not run again. */
  readonly isTrapped: (instance: GuestInstance) => boolean
  /** Replaces the instance that trapped by a new one, if its guest does not resume: the instance of an entity, or that of the script. */
  readonly renewInstance: (store: Store, script: Script, entity: number | undefined) => void
}

/** What checks configs, and changes them. */
export interface Configuring {
  /** Calls `validate_config`, if the script exports it. Throws `InvalidOptions` with its answer if it does not accept the config. */
  readonly validate: (store: Store, generation: Generation, instance: GuestInstance, left: { fuel: number }, config: unknown) => void
  /** Gives a script another config. Throws `InvalidOptions`. */
  readonly configure: (store: Store, script: Script, config: unknown) => void
}

/** What services are made of. */
export interface ServicesCode {
  /** Returns the services of a new generation of a script. */
  readonly link: (store: Store, script: Script) => LinkedServices
  /** Returns the metrics of all scripts. */
  readonly metrics: (store: Store) => readonly Metric[]
  readonly format: (metrics: readonly Metric[]) => string
  /** Checks the option `http` of `create`. Throws `InvalidOptions`. */
  readonly resolveHttp: (http: boolean | HttpOptions) => ResolvedHttpOptions | undefined
  /** Takes the answers by HTTP that have come, for the tick that is about to begin, and records them. */
  readonly receive: (store: Store) => void
  /** Passes the answers that were taken to a script. */
  readonly deliver: (store: Store, script: Script) => void
}

/** Two entities and the name of a relation. */
export interface Relationship {
  readonly entity: number
  readonly relation: string
  readonly target: number
}

/** What the host adds and removes relations with. */
export interface Relating {
  /** Adds a relation and writes its data. Throws `InvalidOptions`, `EntityOutOfRange`, before anything changes. */
  readonly relateEntities: (store: Store, input: Relationship & { readonly data: Readonly<Record<string, number>> }) => void
  /** Removes a relation, or queues its removal while a script runs. Throws `InvalidOptions`, `EntityOutOfRange`. */
  readonly unrelateEntities: (store: Store, input: Relationship) => void
}

/** The state that the parts of one runtime share. */
export interface Store extends InputSource {
  readonly options: ResolvedRuntimeOptions
  readonly ecs: Ecs
  readonly events: EventQueue
  readonly messages: MessageQueue
  readonly emitter: Emitter
  readonly invocations: Invocations
  /** Plans the hooks, intervals and restarts of a script, with code that a game without them does not download. Rejects with their mistakes. */
  readonly planSchedule: (script: Script, program: Program) => Promise<Schedule>
  /** Plans an actor, with code that a game without actors does not download. Rejects with the mistakes of its options. */
  readonly planActor: (script: Script, program: Program, queries: ScriptQueries) => Promise<ActorPlan>
  /** Makes the components that a script declares, with code that a game without such scripts does not download. */
  readonly declareComponents: (script: Script) => Promise<void>
  /** Makes trapped instances anew. `undefined` until a script of a guest is loaded whose instances do not resume after a trap. */
  renewal: Renewal | undefined
  /** Loads the code of `updates`. */
  readonly loadUpdates: () => Promise<void>
  /** What makes updates faster; `undefined` until a script with an `update` is loaded. A game without does not download it. */
  updates: Updates | undefined
  /** The jobs; `undefined` until a script is loaded that takes any. */
  jobs: Jobs | undefined
  /** Loads the code of jobs, which a game without them does not download. */
  readonly loadJobs: () => Promise<void>
  /** `undefined` for a game without relations, which does not download it. */
  relating: Relating | undefined
  /** What checks configs; `undefined` until a script is loaded that has one, or exports `validate_config`. */
  configuring: Configuring | undefined
  /** Loads what services are made of. A game without services does not download it. */
  readonly loadServices: () => Promise<ServicesCode>
  /** What it loaded; `undefined` as long as no script has used a service. */
  services: ServicesCode | undefined
  /** How scripts make requests by HTTP; `undefined` if they may not. */
  http: ResolvedHttpOptions | undefined
  /** Where the game called for the input that is being played, when it was recorded; `undefined` if the recording does not have it. */
  recordedCaller: HostCaller | undefined
  /** Returns the result of a call of a host function of the game by a script; `undefined` for what the function returns. */
  hostCalls: ((script: string, name: string, call: () => unknown) => unknown) | undefined
  /** Gives a new generation code that counts what runs, while the runtime is profiled. */
  countRuns: ((script: Script, generation: Generation) => Promise<void>) | undefined
  /** The kinds of guest, in the order in which they may claim a module. */
  readonly guests: Guest[]
  /** How often loads and reloads used the cache of modules. */
  readonly cacheCounts: CacheCounts
  /** Passes a script to the `follow` of its source, which may then reload it. */
  follow: (script: Script, source: unknown) => void
  /** The id of the next script. */
  nextScript: number
  /** All scripts in the order they run. */
  readonly scripts: Script[]
  /** The scripts that the current tick runs. */
  readonly turns: Script[]
  /** Attachments of unloaded scripts, for reuse: bitECS never releases a component that was registered. */
  readonly spareAttachments: Attachment[]
  /** Ticks completed and seconds simulated. */
  readonly clock: Clock
  /** Faults in this tick. */
  faults: number
  /** Whether scripts are running. Reports are delivered once they have run; a new tick is refused. */
  running: boolean
  /** Whether the runtime has been disposed of. */
  isDisposed: boolean
  /** Work to do once the scripts have run. */
  readonly waiting: (() => void)[]
  /** The number of the next call of a worker, or job. Part of snapshots, so that it is the same where their inputs are played. */
  nextCall: number
  /** `undefined` until a script is loaded that runs in a worker. */
  workerAnswers: Answers | undefined
  /** Answers of workers that the next tick applies, in this order. */
  readonly answers: WaitingAnswer[]
  /** `undefined` until the first probation: a game that reloads no script does not download it. */
  probations: Probations | undefined
}

/** What makes updates, and the changes that they make, faster with the same results. */
export interface Updates {
  /**
   * Runs `update` of a script on groups of four entities, if it can and if that is faster. Returns how many entities of the list are
   * done.
   */
  readonly updateGroups: (store: Store, script: Script, count: number, dt: number) => number
  /** Makes the sets of the queries of a world fast. */
  readonly speedUpQueries: (world: World) => void
}

/** Throws `HostError` while scripts are running, when the state of the game is incomplete. */
export function checkIdle({ running }: Store, what: string): void {
  if (running) throw new ScriptError('HostError', `${what} was called while scripts are running`)
}

/** Returns what adds and removes relations. Throws `InvalidOptions` in a game without relations. */
export function relatingOf({ relating }: Store, relation: string): Relating {
  return relating ?? invalidOption(`there is no relation '${relation}'`)
}

const stores = new WeakMap<object, Store>()

/** Registers the store of a runtime for {@link storeOf}. */
export function keepStore(runtime: object, store: Store): void {
  stores.set(runtime, store)
}

/** Returns the runtime's store. Throws `InvalidOptions` if the argument is not a runtime. */
export function storeOf(runtime: object): Store {
  const store = typeof runtime === 'object' && runtime !== null ? stores.get(runtime) : undefined
  if (store === undefined) throw new ScriptError('InvalidOptions', 'a runtime made by WasmScriptRuntime.create() is needed')
  return store
}
