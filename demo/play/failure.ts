import { ScriptError } from 'bitscript'
import type { Card } from '../view/hud.ts'

/** What a person can do after an action of the page failed. */
export interface Ways {
  /** Does the action again. */
  readonly again: () => void
  /** Goes on with the game that runs; left out if none does. */
  readonly goOn?: () => void
  /** Opens the editor at a mistake. */
  readonly correct: (error: ScriptError) => void
  /** Starts a game without the edits. */
  readonly withoutEdits: () => void
}

/** Returns the card that says why an action failed, and offers what helps. */
export function failureCard(error: unknown, { again, goOn, correct, withoutEdits }: Ways): Card {
  const rest: Card['buttons'] = goOn === undefined ? [] : [['Go on', goOn]]
  const detail = error instanceof Error ? error.message : String(error)
  if (isOffline(error)) {
    const text = `A part of the game could not be loaded. Check the connection, then try again. (${detail})`
    return { title: 'No connection', text, buttons: [['Try again', again], ...rest] }
  }
  if (error instanceof ScriptError && error.script !== undefined) {
    const line = error.location === undefined ? '' : `, line ${error.location.line}`
    const before = goOn === undefined ? '' : ' The game before is still there.'
    return {
      title: 'The game did not start',
      text: `${error.script}${line}: ${error.detail.replace(/\.$/, '')}.${before} Correct the script, or start without your edits: their texts stay in the editor.`,
      buttons: [['Correct it', () => correct(error)], ['Start without edits', withoutEdits], ...rest],
    }
  }
  return { title: 'That did not work', text: `${detail} Try again, or load the page again.`, buttons: [['Try again', again], ...rest] }
}

/** Returns whether a file could not be fetched: browsers throw a TypeError where a part of a page cannot be imported. */
function isOffline(error: unknown): boolean {
  if (error instanceof ScriptError) return error.code === 'LoadFailed'
  return error instanceof TypeError && /fetch|import|load/i.test(error.message)
}
