import type { NetworkId } from '../sync/sync.ts'
import type { ServerState, SyncedField } from './server-state.ts'

/** The frames that are kept. */
const FRAMES = 16

/** The values of an entity in the last frames. */
interface Track {
  /** The number of the first frame that has the entity. */
  readonly since: number
  /** `FRAMES` times its values. */
  readonly values: Float64Array
}

/** The values of entities between the frames of a server, to draw them smoothly. */
export class Interpolation {
  #fields: readonly SyncedField[] = []
  readonly #ticks = new Float64Array(FRAMES)
  readonly #tracks = new Map<NetworkId, Track>()
  /** The frames so far. */
  #count = 0

  /** Takes the newest frame. Only entities that `follows` accepts are kept. */
  take(state: ServerState, follows: (id: NetworkId) => boolean): void {
    const number = this.#count++
    const slot = number % FRAMES
    this.#ticks[slot] = state.tick
    for (const id of this.#tracks.keys()) if (!state.has(id) || !follows(id)) this.#tracks.delete(id)
    this.#fields = state.fields
    const size = state.fields.length
    for (const id of state.ids) {
      if (!follows(id)) continue
      let track = this.#tracks.get(id)
      if (track === undefined) {
        track = { since: number, values: new Float64Array(FRAMES * size) }
        this.#tracks.set(id, track)
      }
      const values = state.valuesOf(id)
      for (let index = 0; index < size; index++) track.values[slot * size + index] = values[index] as number
    }
  }

  /**
   * Returns the value of a field at a tick, which may lie between two frames; before the first frame of the entity and after the newest,
   * the value of that frame. A whole number changes at the frame that has the new one. `undefined` for an entity that is not kept.
   */
  value(id: NetworkId, index: number, tick: number): number | undefined {
    const track = this.#tracks.get(id)
    if (track === undefined) return undefined
    const size = track.values.length / FRAMES
    const oldest = Math.max(track.since, this.#count - FRAMES)
    const at = (number: number): number => track.values[(number % FRAMES) * size + index] as number
    let newer = this.#count - 1
    while (newer > oldest && this.#tickOf(newer - 1) >= tick) newer--
    const to = this.#tickOf(newer)
    if (newer === oldest || to <= tick) return at(newer)
    if (!this.#fields[index]?.isContinuous) return at(newer - 1)
    const from = this.#tickOf(newer - 1)
    const part = Math.max(0, (tick - from) / (to - from))
    return at(newer - 1) + (at(newer) - at(newer - 1)) * part
  }

  clear(): void {
    this.#tracks.clear()
    this.#count = 0
  }

  #tickOf(number: number): number {
    return this.#ticks[number % FRAMES] as number
  }
}
