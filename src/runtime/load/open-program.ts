import { ScriptError } from '../../errors.ts'
import { componentGuest } from '../../guest/component/component-guest.ts'
import { extismGuest } from '../../guest/extism/extism-guest.ts'
import type { Guest, OpenOptions, Program } from '../../guest/guest.ts'
import type { GuestKind } from '../../guest/module-description.ts'
import { scriptGuest } from '../../guest/script/script-guest.ts'
import type { SourceModule } from '../../wasm/text/source-module.ts'

/** The kinds of guest, in the order in which they may claim a module. The last one claims every module. */
export const GUESTS: readonly Guest[] = [componentGuest, extismGuest, scriptGuest]

/** Which guest to open a module as, and how. */
export interface GuestChoice {
  readonly guests: readonly Guest[]
  /** The kind to open it as. By default, the first guest that claims the module opens it. */
  readonly kind: GuestKind | undefined
  /** Whether each entity is to have an instance of its own. */
  readonly perEntity: boolean
  /** Whether it is to run in a worker. */
  readonly inWorker: boolean
}

/** Returns the guest that a module is opened as. What has a manifest is a plugin, even if it imports nothing from Extism itself. */
export function guestFor({ bytes, manifest }: SourceModule, { guests, kind }: Pick<GuestChoice, 'guests' | 'kind'>): Guest {
  const wanted = kind ?? (manifest === undefined ? undefined : 'extism')
  // There is a guest of every kind, and the last one claims every module.
  return guests.find((each) => (wanted === undefined ? each.claims(bytes) : each.kind === wanted)) as Guest
}

/** Opens a source as a guest. Rejects with `InvalidOptions` if the guest cannot do what is asked, and with the errors of `Guest.open`. */
export async function openProgram(source: SourceModule, choice: GuestChoice, options: OpenOptions): Promise<Program> {
  const { inWorker, perEntity } = choice
  const found = guestFor(source, choice)
  const guest = inWorker ? workerGuestOf(found) : found
  const program = await guest.open(source, { ...options, link: guest.capabilities.inline ? options.link : 'host' })
  if (perEntity && !guest.capabilities.perEntity) {
    const where = inWorker ? ' in a worker' : ''
    throw new ScriptError('InvalidOptions', `instances cannot be 'entity' for a guest of the kind '${guest.kind}'${where}`)
  }
  return program
}

function workerGuestOf({ kind, inWorker }: Guest): Guest {
  if (inWorker !== undefined) return inWorker
  throw new ScriptError('InvalidOptions', `worker: true is for Extism plugins, and this is a guest of the kind '${kind}'`)
}
