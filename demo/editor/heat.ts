import type { Follower } from './debugging/follow-debugger.ts'
import type { EditorParts } from './editor-parts.ts'

/** Whether lines are tinted by how often they run. */
export interface Heat {
  readonly isOn: boolean
  toggle(): Promise<void>
}

/** Creates the switch, which is off, and stays so without a follower. Calls `onChange` whenever it was switched. */
export function heatSwitch({ disposed, say }: EditorParts, follower: () => Follower | undefined, onChange: () => void): Heat {
  let isOn = false
  return {
    get isOn() {
      return isOn
    },
    async toggle() {
      isOn = !isOn && follower() !== undefined
      onChange()
      const problem = await follower()
        ?.setHeat(isOn)
        .catch((error: unknown) => error)
      if (disposed.aborted) return
      if (problem instanceof Error) isOn = false
      say(
        problem instanceof Error
          ? { text: problem.message, kind: 'bad' }
          : { text: isOn ? 'Lines are tinted by how often they run from now on' : 'Lines are not counted any more' },
      )
      onChange()
    },
  }
}
