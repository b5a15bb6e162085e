import { ScriptError } from '../../errors.ts'
import type { Store } from '../../runtime/script/store.ts'
import { Tracer } from '../trace/tick-tracer.ts'
import { TraceBuffer } from '../trace/trace-buffer.ts'
import type { TraceRequest } from '../trace/trace-request.ts'

/** Bytes of the records of one tick. */
export const TRACE_BYTES: number = 64 * 1024 * 1024
/** Traced code that is kept. */
const MAX_TRACERS = 6

/** Makes traced code for the scripts of a game, and keeps it for the next time. All of it records into one buffer, behind the columns of the game. */
export class TracerCache {
  readonly #store: Store
  readonly #trace: TraceBuffer
  readonly #tracers = new Map<string, Tracer>()

  constructor(store: Store) {
    this.#store = store
    this.#trace = new TraceBuffer(store.ecs.components.reserve, TRACE_BYTES, () => {
      throw new ScriptError('OutOfMemory', 'there is no room for a trace behind the columns')
    })
  }

  /** Returns traced code for the scripts as they are now. */
  async get(request: TraceRequest): Promise<Tracer> {
    const key = JSON.stringify(request)
    const known = this.#tracers.get(key)
    if (known?.isCurrent === true) return known
    known?.dispose()
    this.#tracers.delete(key)
    for (const [oldest, tracer] of this.#tracers) {
      if (this.#tracers.size < MAX_TRACERS) break
      tracer.dispose()
      this.#tracers.delete(oldest)
    }
    const create = (): Promise<Tracer> => Tracer.create(this.#store, this.#trace, request)
    let tracer = await create()
    // The memories of other traced code take room.
    if (tracer.lacksRoom && this.#tracers.size > 0) {
      for (const other of [tracer, ...this.#tracers.values()]) other.dispose()
      this.#tracers.clear()
      tracer = await create()
    }
    this.#tracers.set(key, tracer)
    return tracer
  }
}
