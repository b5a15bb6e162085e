import { ScriptError } from '../../errors.ts'
import type { Guest, GuestKind, OpenOptions, Program } from '../../guest/guest.ts'
import { scriptGuest } from '../../guest/script/script-guest.ts'
import { unavailableGuests } from '../../guest/unavailable.ts'
import type { SourceModule } from '../../wasm/text/source-module.ts'

/** The kinds of guest, in the order in which they are asked for their bytes. Any module that no other claims is a script. */
const GUESTS: readonly Guest[] = [...unavailableGuests, scriptGuest]

/** Opens a source as the kind of guest that is asked for, or that claims it. Throws what opening it throws. */
export async function openProgram(source: SourceModule, kind: GuestKind | undefined, options: OpenOptions): Promise<Program> {
  const guest = GUESTS.find((each) => (kind === undefined ? each.claims(source.bytes) : each.kind === kind))
  if (guest === undefined) throw new ScriptError('InvalidBinary', 'no kind of guest claims the module')
  return guest.open(source, options)
}
