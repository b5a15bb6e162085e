import type { TestedGuest } from './conformance/programs.ts'
import { testedExtism } from './extism/programs.ts'
import { testedScript } from './script/programs.ts'

/** The kinds of guest that a page can run. */
export const TESTED_GUESTS: readonly TestedGuest[] = [testedScript, testedExtism]
