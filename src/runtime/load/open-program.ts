import { ScriptError } from '../../errors.ts'
import type { Guest, GuestKind, OpenOptions, Program } from '../../guest/guest.ts'
import { scriptGuest } from '../../guest/script/script-guest.ts'
import { unavailableGuests } from '../../guest/unavailable.ts'
import type { SourceModule } from '../../wasm/text/source-module.ts'

/** The kinds of guest, in the order in which they may claim a module. The last one claims every module. */
const GUESTS: readonly Guest[] = [...unavailableGuests, scriptGuest]

/** Opens a source as the given kind of guest, or as the first kind that claims it. Rejects with the errors of `Guest.open`. */
export async function openProgram(source: SourceModule, kind: GuestKind | undefined, options: OpenOptions): Promise<Program> {
  const guest = GUESTS.find((each) => (kind === undefined ? each.claims(source.bytes) : each.kind === kind))
  if (guest === undefined) throw new ScriptError('InvalidBinary', 'no kind of guest claims the module')
  return guest.open(source, options)
}
