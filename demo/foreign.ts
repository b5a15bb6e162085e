import { ScriptError, type ScriptInfo } from 'bitscript'
import { FOREIGN } from './sim/index.ts'

/**
 * Throws `GrantDenied` if a script of the running game does not have the limits of a text that came by a link. A reload keeps the limits that the
 * script was loaded with, so only another game can run that text.
 */
export function checkLimits({ name, limits }: Pick<ScriptInfo, 'name' | 'limits'>): void {
  if (limits.fuel <= (FOREIGN.limits?.fuel ?? 0)) return
  const detail = `a link brought a text of ${name}, and this game runs ${name} without limits: start another game, which gives it a tenth of the fuel`
  throw new ScriptError('GrantDenied', detail, { script: name })
}
