import type { ArrayImage } from '../../array-image.ts'
import type { AttachmentImage } from '../../ecs/entities/attachment.ts'
import type { HooksImage } from '../../ecs/entities/hooks.ts'
import type { SavedState } from '../../ecs/entities/script-state.ts'
import type { FieldImages } from '../../ecs/image/field-image.ts'
import type { WorldImage } from '../../ecs/image/world-image.ts'
import type { ResultImage } from '../../ecs/queries/script-queries.ts'
import type { ScriptError } from '../../errors.ts'
import type { GuestInstance } from '../../guest/guest.ts'
import type { GameEvent } from '../../host/services/event-queue.ts'
import type { ServicesImage } from '../../host/services/script-services.ts'
import type { InstanceImage } from '../../wasm/instance/instance-state.ts'
import type { ScriptMetadata } from '../api/metadata.ts'
import type { ScriptId, ScriptStatus } from '../api/script-info.ts'
import type { Generation } from '../script/generation.ts'
import type { MessagesImage } from '../script/message-queue.ts'

/** The state of an instance, and the instance if it still exists. */
export interface HeldInstance {
  /** `undefined` if a new instance has to be created. */
  readonly instance: GuestInstance | undefined
  readonly image: InstanceImage
  /** Set if the instance was made for this image and holds it: the indices of functions that its tables lost. */
  readonly lost?: readonly number[]
}

/** The state of one script. */
export interface ScriptImage {
  readonly id: ScriptId
  readonly name: string
  /** Its tag component. Absent in an image from another process. */
  readonly tag?: object
  /** The generation that it ran. `undefined` in an image from another process if the game's code differs. */
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
  /** Absent if it has no hooks. */
  readonly hooks?: HooksImage
  /** The config that `configure` gave it. Absent if it has that of its options. */
  readonly config?: { readonly value: unknown }
  /** Absent if it has used no services. */
  readonly services?: ServicesImage
  /** The ticks at which it was restarted after a fault. */
  readonly restarts: readonly number[]
  readonly isPaused: boolean
  readonly results: ReadonlyMap<string, ResultImage>
  readonly own: HeldInstance
  readonly entities: ReadonlyMap<number, HeldInstance>
  /** The result of its `get_state`. Present only in an image from another process. */
  readonly state?: unknown
  /** The `state_version` of the code that returned it. */
  readonly stateVersion?: number
}

/** The state of a whole game between two ticks: the world and every script. */
export interface GameImage {
  readonly tick: number
  readonly time: number
  readonly world: WorldImage
  readonly fields: readonly FieldImages[]
  readonly deaths: ArrayImage<Uint32Array>
  readonly states: ReadonlyMap<number, SavedState | undefined>
  readonly events: readonly GameEvent[]
  readonly messages: MessagesImage
  /** The number of the next call of a worker, or job. */
  readonly nextCall: number
  readonly scripts: readonly ScriptImage[]
}
