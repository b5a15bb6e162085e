import type { ChildProcess, SpawnOptions } from 'node:child_process'

const WINDOWS = process.platform === 'win32'

/** Options of `spawn` for a program that {@link endGroup} can end with what it started: a group of its own. */
export const OWN_GROUP: Pick<SpawnOptions, 'detached' | 'windowsHide'> = { detached: !WINDOWS, windowsHide: true }

/** Ends a program that was started with {@link OWN_GROUP}, and what it started. */
export function endGroup(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): void {
  if (WINDOWS || child.pid === undefined) child.kill(signal)
  else
    try {
      process.kill(-child.pid, signal)
    } catch {
      // It has just ended.
    }
}
