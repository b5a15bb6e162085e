import type { ArrayImage } from '../../array-image.ts'
import type { AttachmentImage } from '../../ecs/entities/attachment.ts'
import type { SavedState } from '../../ecs/entities/script-state.ts'
import type { FieldImages } from '../../ecs/image/field-image.ts'
import type { WorldImage } from '../../ecs/image/world-image.ts'
import type { ResultImage } from '../../ecs/queries/script-queries.ts'
import type { ScriptError } from '../../errors.ts'
import type { GuestInstance } from '../../guest/guest.ts'
import type { GameEvent } from '../../host/services/event-queue.ts'
import type { InstanceImage } from '../../wasm/instance/instance-state.ts'
import type { ScriptMetadata } from '../api/metadata.ts'
import type { ScriptId, ScriptStatus } from '../api/script-info.ts'
import type { Generation } from '../script/generation.ts'

/** An instance, and what it was. */
export interface HeldInstance {
  /** `undefined` if it has to be made anew. */
  readonly instance: GuestInstance | undefined
  readonly image: InstanceImage
}

/** Everything of one script that changes as the game goes on. */
export interface ScriptImage {
  readonly id: ScriptId
  readonly name: string
  /** Its tag component; none in an image of another process. */
  readonly tag?: object
  /** `undefined` if the game has other code than the image. */
  readonly generation: Generation | undefined
  readonly generationNumber: number
  readonly status: ScriptStatus
  readonly fault: ScriptError | undefined
  readonly metadata: ScriptMetadata | undefined
  readonly url: URL | undefined
  readonly entity: number
  readonly entityVersion: number
  readonly random: Uint32Array
  readonly attachment: AttachmentImage
  readonly results: ReadonlyMap<string, ResultImage>
  readonly own: HeldInstance
  readonly entities: ReadonlyMap<number, HeldInstance>
  /** What its `get_state` said, in an image of another process. */
  readonly state?: unknown
  /** The `state_version` of the code that said it. */
  readonly stateVersion?: number
}

/** A whole game at the end of a tick: what there is in the world, and in every script. */
export interface GameImage {
  readonly tick: number
  readonly time: number
  readonly world: WorldImage
  readonly fields: readonly FieldImages[]
  readonly deaths: ArrayImage<Uint32Array>
  readonly states: ReadonlyMap<number, SavedState | undefined>
  readonly events: readonly GameEvent[]
  readonly scripts: readonly ScriptImage[]
}
