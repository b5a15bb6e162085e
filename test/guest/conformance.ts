import { calls } from './conformance/calls.ts'
import { faults } from './conformance/faults.ts'
import { limits } from './conformance/limits.ts'
import { loading } from './conformance/loading.ts'
import type { TestedGuest } from './conformance/programs.ts'
import { reloads } from './conformance/reloads.ts'
import { createSuite, type TestRunner } from './conformance/suite.ts'
import { ticking } from './conformance/ticking.ts'
import { time } from './conformance/time.ts'

const CHAPTERS = { loading, calls, limits, ticking, reloads, faults, time }

/** Declares the tests that every kind of guest must pass, with the small programs that it gives. */
export function describeGuest(guest: TestedGuest, runner: TestRunner): void {
  const suite = createSuite(guest, runner)
  for (const [title, chapter] of Object.entries(CHAPTERS)) runner.describe(`${guest.kind}: ${title}`, () => chapter(suite))
}
