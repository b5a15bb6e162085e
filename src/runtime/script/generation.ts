import type { NamedComponent } from '../../ecs/components/components.ts'
import type { Hooks } from '../../ecs/entities/hooks.ts'
import type { ScriptQueries, ScriptQuery } from '../../ecs/queries/script-queries.ts'
import type { GuestInstance, Program } from '../../guest/guest.ts'
import type { LinkedServices } from '../../host/services/linked-services.ts'
import type { ScriptMetadata } from '../api/metadata.ts'

/** An actor: its query, the components that `process` is given, and what calls it. */
export interface ActorPlan {
  readonly query: ScriptQuery
  readonly read: readonly NamedComponent[]
  /** Calls `process` with its context, and applies the result. */
  readonly run: (dt: number) => void
}

/** What calls a script because of its options `hooks`, `every` and `onFault: { restart }`. */
export interface Schedule {
  /** Begins to record what happens to entities, for the hooks. Returns `undefined` if there are none. */
  readonly watch: () => Hooks | undefined
  /** Calls the hooks for what happened since the last tick. */
  readonly callHooks: () => void
  /** Returns whether an interval ends with this tick. */
  readonly isDue: () => boolean
  /** Calls the exports whose interval ends with this tick. */
  readonly callIntervals: () => void
  /** Starts the script, which has faulted, again, if its `onFault` allows it. */
  readonly restart: () => void
}

/** One generation of a script: its code and its queries. */
export interface Generation {
  readonly program: Program
  readonly queries: ScriptQueries
  /** What an actor is given; `undefined` for a script that is not an actor. */
  readonly actor?: ActorPlan | undefined
  /** `undefined` for a script without hooks, intervals and restarts. */
  readonly schedule?: Schedule | undefined
  /** The services that it imports; `undefined` if it imports none. */
  readonly services?: LinkedServices | undefined
  /** What a person would want to know of it. A reload adds to it before the swap. */
  readonly warnings: string[]
  /** Puts the program back that does not count what runs, and disposes of the one that does; left out if there is none. */
  counted?: { readonly dispose: () => void }
}

/** Releases what a generation has that no script runs: its queries, its worker, and its part of the ECS memory. */
export function disposeGeneration(generation: Generation): void {
  generation.queries.dispose()
  generation.counted?.dispose()
  generation.program.close?.()
  generation.program.dispose?.()
}

/** The code that a script runs, and the instances that run it. */
export interface Running {
  readonly generation: Generation
  /** The instance of a shared script. With `instances: 'entity'`, an instance that serves `call` and belongs to no entity. */
  readonly instance: GuestInstance
  /** The instances of a script with `instances: 'entity'`, by entity. */
  readonly entityInstances: Map<number, GuestInstance>
  /** The instances of its jobs. */
  readonly jobInstances: Set<GuestInstance>
  /** The result of `get_metadata`. */
  readonly metadata: ScriptMetadata | undefined
}
