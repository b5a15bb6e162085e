import type { ReloadReport, ScriptError } from 'bitscript'

/** The runtime's note about a rollback, which is too long for the status line. */
const ROLLED_BACK = /; generation \d+ was on probation: code and world are back at tick (\d+), and generation (\d+) runs on$/

/** Describes a run: `hunter: generation 4, state restored, 3 ms`, and what the runtime warns of. A reload makes a generation above 1. */
export function describeRun({ script, generation, unchanged, state, dropped, ran, warnings, ms }: ReloadReport): string {
  if (unchanged) return `${script}: the code is the same, generation ${generation} goes on`
  if (generation === 1) return `${script} runs`
  const total = ms.total < 1 ? ms.total.toFixed(1) : Math.round(ms.total)
  const lost = dropped.length === 0 ? '' : `; not carried over: ${byReason(dropped)}`
  return `${script}: generation ${generation}, state ${state}${ran.length === 0 ? '' : `, ${ran.join(' and ')} ran again`}, ${total} ms${lost}${warnings.map((warning) => `; warning: ${warning}`).join('')}`
}

/** Joins what was not carried over for one reason: `global a, global b: the reason`. */
function byReason(dropped: readonly string[]): string {
  const names = new Map<string, string[]>()
  for (const each of dropped) {
    const [, name = '', reason = ''] = /^(.*?)(: .*)?$/s.exec(each) ?? []
    names.set(reason, [...(names.get(reason) ?? []), name])
  }
  return [...names].map(([reason, those]) => `${those.join(', ')}${reason}`).join('; ')
}

/** Describes why a text was refused, and that the game continues. */
export function describeRefusal(script: string, thrown: unknown): string {
  return `${placeOf(script, thrown)}: ${detailOf(thrown)}; the game runs on with the version before`
}

/** Describes a fault of a running script, and what to do about it. `text` is the name of its text. */
export function describeFault(error: ScriptError, text: string | undefined = error.script): string {
  const advice =
    rolledBackTo(error) !== undefined
      ? ''
      : error.code === 'HostError'
        ? '; the fault is not in the script'
        : '; correct it and run it again'
  const detail = detailOf(error).replace(ROLLED_BACK, '; taken back: generation $2 runs on from tick $1')
  return `${placeOf(text ?? 'The game', error)}: ${detail}${advice}`
}

/** Returns the message of a thrown value, without its location. */
export function detailOf(thrown: unknown): string {
  const detail = isScriptError(thrown) ? thrown.detail : thrown instanceof Error ? thrown.message : String(thrown)
  return detail.replace(/\.$/, '')
}

/** Returns the generation that runs again, because the one that failed was on probation; `undefined` if it was not. */
export function rolledBackTo(error: ScriptError): number | undefined {
  const generation = ROLLED_BACK.exec(error.detail)?.[2]
  return generation === undefined ? undefined : Number(generation)
}

/** Returns whether a thrown value is a `ScriptError`. Checks the name, so that the editor need not import the runtime. */
export function isScriptError(thrown: unknown): thrown is ScriptError {
  return thrown instanceof Error && thrown.name === 'ScriptError'
}

/** Returns whether something could not be fetched, which may work another time. */
export function isLoadFailure(thrown: unknown): boolean {
  return isScriptError(thrown) && thrown.code === 'LoadFailed'
}

function placeOf(script: string, thrown: unknown): string {
  if (!isScriptError(thrown)) return script
  const { location, entity } = thrown
  const line = location === undefined ? '' : `, line ${location.line}`
  return `${script}${line}${entity === undefined ? '' : `, entity ${entity}`}`
}
