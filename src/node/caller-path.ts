import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { SourceLocation } from '../index.ts'

/** Only code has callers: a recording of someone else cannot make a command print other files. */
const CODE = /\.[cm]?[jt]sx?$/

/**
 * Returns the path of a file of the game that a recording names from a folder. Returns `undefined` if there is no such file, and of a page, whose
 * recordings name no folder: its lines are those of the files as they were served.
 */
export function callerPath(folder: string | undefined, file: string): string | undefined {
  if (folder === undefined) return undefined
  const path = resolve(folder, file)
  return CODE.test(path) && existsSync(path) ? path : undefined
}

/** Returns where a recorded game called the runtime, with the path of the file if it is there. */
export function callerPlace(folder: string | undefined, { file, line, column }: SourceLocation): SourceLocation {
  return { file: callerPath(folder, file) ?? file, line, column }
}
