import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { SourceLocation } from '../index.ts'

/** Only code has callers: a recording of someone else cannot make a command print other files. */
const CODE = /\.[cm]?[jt]sx?$/

/**
 * Returns the path of a file of the game that a recording names from a folder. Returns `undefined` if there is no such file.
 */
export function callerPath(folder: string, file: string): string | undefined {
  const path = resolve(folder, file)
  return CODE.test(path) && existsSync(path) ? path : undefined
}

/** Returns where a recorded game called the runtime, with the path of the file if it is there. */
export function callerPlace(folder: string, { file, line, column }: SourceLocation): SourceLocation {
  return { file: callerPath(folder, file) ?? file, line, column }
}
