import { readFileSync, statSync } from 'node:fs'
import type { SourceLocation } from '../../errors.ts'
import { codeFrame } from '../../wasm/text/code-frame.ts'

const MAX_SOURCE_BYTES = 1024 * 1024

/** Returns the text around a place in a file; `undefined` if the file cannot be read or is too large for a source. */
export function sourceFrame(file: string, location: SourceLocation): string | undefined {
  try {
    const stats = statSync(file)
    return stats.isFile() && stats.size <= MAX_SOURCE_BYTES ? codeFrame(readFileSync(file, 'utf8'), location) : undefined
  } catch {
    return undefined
  }
}
