import { resolve } from 'node:path'
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

/** Converts a mistake for the overlay. Its links need absolute paths; `root` is the folder that the paths are relative to. */
export function overlayError({ id, code, detail, script, location, frame }: Mistake, root: string): OverlayError {
  const { message } = new ScriptError(code, detail, script === undefined ? {} : { script })
  return {
    message,
    stack: '',
    id,
    plugin: PLUGIN,
    ...(location && { loc: { ...location, file: resolve(root, location.file) } }),
    // Vite expects a line break after the last line of a frame.
    ...(frame !== undefined && { frame: `${frame}\n` }),
  }
}
