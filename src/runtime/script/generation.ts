import type { NamedComponent } from '../../ecs/components/components.ts'
import type { ScriptQueries, ScriptQuery } from '../../ecs/queries/script-queries.ts'
import type { GuestInstance, Program } from '../../guest/guest.ts'
import type { ScriptMetadata } from '../api/metadata.ts'

/** An actor: its query, the components that `process` is given, and what calls it. */
export interface ActorPlan {
  readonly query: ScriptQuery
  readonly read: readonly NamedComponent[]
  /** Calls `process` with its context, and applies the result. */
  readonly run: (dt: number) => void
}

/** One generation of a script: its code and its queries. */
export interface Generation {
  readonly program: Program
  readonly queries: ScriptQueries
  /** What an actor is given; `undefined` for a script that is not an actor. */
  readonly actor?: ActorPlan | undefined
  /** What a person would want to know of it. A reload adds to it before the swap. */
  readonly warnings: string[]
}

/** Releases what a generation holds that no script runs. */
export function disposeGeneration({ queries, program }: Generation): void {
  queries.dispose()
  program.close?.()
}

/** The code that a script runs, and the instances that run it. */
export interface Running {
  readonly generation: Generation
  /** The instance of a shared script. With `instances: 'entity'`, an instance that serves `call` and belongs to no entity. */
  readonly instance: GuestInstance
  /** The instances of a script with `instances: 'entity'`, by entity. */
  readonly entityInstances: Map<number, GuestInstance>
  /** The result of `get_metadata`. */
  readonly metadata: ScriptMetadata | undefined
}
