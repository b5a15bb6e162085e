import { type MakeComponent, testedComponent } from './component/programs.ts'
import type { TestedGuest } from './conformance/programs.ts'
import { testedExtism } from './extism/programs.ts'
import { testedScript } from './script/programs.ts'

/** Returns the kinds of guest that a page can run. It cannot make components by itself. */
export function testedGuests(make: MakeComponent): readonly TestedGuest[] {
  return [testedScript, testedExtism, testedComponent(make)]
}
