import { ScriptError } from '../../errors.ts'
import { extismGuest } from '../../guest/extism/extism-guest.ts'
import type { Guest, GuestKind, OpenOptions, Program } from '../../guest/guest.ts'
import { scriptGuest } from '../../guest/script/script-guest.ts'
import { unavailableGuests } from '../../guest/unavailable.ts'
import type { SourceModule } from '../../wasm/text/source-module.ts'

/** The kinds of guest, in the order in which they may claim a module. The last one claims every module. */
export const GUESTS: readonly Guest[] = [...unavailableGuests, extismGuest, scriptGuest]

/** Which guest to open a module as, and how. */
export interface GuestChoice {
  readonly guests: readonly Guest[]
  /** The kind to open it as. By default, the first guest that claims the module opens it. */
  readonly kind: GuestKind | undefined
  /** Whether each entity is to have an instance of its own. */
  readonly perEntity: boolean
}

/** Opens a source as a guest. Rejects with `InvalidOptions` if the guest cannot do what is asked, and with the errors of `Guest.open`. */
export async function openProgram(source: SourceModule, choice: GuestChoice, options: OpenOptions): Promise<Program> {
  const { guests, kind, perEntity } = choice
  // There is a guest of every kind, and the last one claims every module.
  const guest = guests.find((each) => (kind === undefined ? each.claims(source.bytes) : each.kind === kind)) as Guest
  const program = await guest.open(source, { ...options, inline: options.inline && guest.capabilities.inline })
  if (perEntity && !guest.capabilities.perEntity)
    throw new ScriptError('InvalidOptions', `instances cannot be 'entity' for a guest of the kind '${guest.kind}'`)
  return program
}
