import type { ReloadReport, ScriptError } from 'bitscript'

/** How the runtime says it: this is longer than a line beside a game. */
const TAKEN_BACK = /; generation \d+ was on probation: code and world are back at tick (\d+), and generation (\d+) runs on$/

/** What a run did: `hunter: generation 4, state restored, 3 ms`. */
export function describeRun({ script, generation, unchanged, state, dropped, ms }: ReloadReport): string {
  if (unchanged) return `${script}: the code is the same, generation ${generation} goes on`
  const total = ms.total < 1 ? ms.total.toFixed(1) : Math.round(ms.total)
  const lost = dropped.length === 0 ? '' : `; not carried over: ${dropped.join('; ')}`
  return `${script}: generation ${generation}, state ${state}, ${total} ms${lost}`
}

/** Why a text was refused, and that it did no harm. */
export function describeRefusal(script: string, thrown: unknown): string {
  return `${placeOf(script, thrown)}: ${detailOf(thrown)}; the game runs on with the version before`
}

/** How a running script failed, and what has become of it. */
export function describeFault(error: ScriptError): string {
  const advice = isTakenBack(error) ? '' : '; correct it and run it again'
  const detail = detailOf(error).replace(TAKEN_BACK, '; taken back: generation $2 runs on from tick $1')
  return `${placeOf(error.script ?? 'The game', error)}: ${detail}${advice}`
}

/** What was thrown, without the place. */
export function detailOf(thrown: unknown): string {
  const detail = isScriptError(thrown) ? thrown.detail : thrown instanceof Error ? thrown.message : String(thrown)
  return detail.replace(/\.$/, '')
}

/** Whether the generation that failed was on probation, and the one before it runs again. */
export function isTakenBack(error: ScriptError): boolean {
  return TAKEN_BACK.test(error.detail)
}

/** Whether it is bitscript's: of a class that is not asked for, so that the editor does without the runtime. */
export function isScriptError(thrown: unknown): thrown is ScriptError {
  return thrown instanceof Error && thrown.name === 'ScriptError'
}

function placeOf(script: string, thrown: unknown): string {
  if (!isScriptError(thrown)) return script
  const { location, entity } = thrown
  const line = location === undefined ? '' : `, line ${location.line}`
  return `${script}${line}${entity === undefined ? '' : `, entity ${entity}`}`
}
