import { resolve } from 'node:path'
import { isFileLoadingAllowed, normalizePath, type ResolvedConfig } from 'vite'
import { formatFrame } from '../errors.ts'
import { sourceFrame } from '../files/compilers/source-frame.ts'
import { ScriptError, type SourceLocation } from '../index.ts'
import type { Mistake } from './hot-events.ts'

/** An error in the form that Vite's overlay shows. */
export interface OverlayError {
  readonly message: string
  readonly stack: string
  readonly id: string
  readonly plugin: string
  readonly loc?: SourceLocation
  readonly frame?: string
}

/** The name of the plugin. Overlays contain it, so that the page can find those of this plugin. */
export const PLUGIN = 'bitscript'

/** Converts a mistake for the overlay. Its links need absolute paths. The text around a place is read if pages may be served the file. */
export function overlayError({ id, code, detail, script, location, frame, trace = [] }: Mistake, config: ResolvedConfig): OverlayError {
  const { message } = new ScriptError(code, detail, script === undefined ? {} : { script })
  const file = location && normalizePath(resolve(config.root, location.file))
  const shown =
    frame ?? (file !== undefined && isFileLoadingAllowed(config, file) ? sourceFrame(file, location as SourceLocation) : undefined)
  return {
    message,
    // A mistake without a trace has none: that of the plugin would say nothing.
    stack: trace.map(formatFrame).join('\n'),
    id,
    plugin: PLUGIN,
    ...(location && { loc: { ...location, file: file as string } }),
    // Vite expects a line break after the last line of a frame.
    ...(shown !== undefined && { frame: `${shown}\n` }),
  }
}

/** A character without width that no `trim` takes away: a word joiner. */
const INVISIBLE = '\u2060'

/** Returns an error that the overlay shows as it is: the overlay trims a frame, which would move the first line to the left of the others. */
export function withIndent<Shown extends { readonly frame?: string }>(error: Shown): Shown {
  return error.frame?.startsWith(' ') === true ? { ...error, frame: INVISIBLE + error.frame } : error
}
