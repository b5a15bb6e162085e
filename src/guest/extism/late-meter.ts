import { toScriptError } from '../../engine/trap.ts'
import type { ScriptError } from '../../errors.ts'
import type { GuestMeter } from '../guest.ts'

/** The meter of an instance whose code runs elsewhere: a call from the game spends nothing here. */
export class LateMeter implements GuestMeter {
  fuel = 0
  depth = 0
  refused: ScriptError | undefined
  endedInside = false

  lendFuel(units: number): void {
    this.fuel = units
  }
  resumeFuel(units: number): void {
    this.fuel = units
  }
  begin(): void {}
  enter(): void {}
  saveStack(): readonly number[] {
    return []
  }
  restoreStack(): void {}
  lendPages(): void {}
  takePages(): void {}
  explain(error: unknown): ScriptError {
    return toScriptError(error)
  }
}
