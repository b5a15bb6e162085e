import { resolve } from 'node:path'
import { ScriptError, type SourceLocation } from '../index.ts'
import type { Mistake } from './hot-events.ts'

/** What Vite shows in its overlay. */
export interface OverlayError {
  readonly message: string
  readonly stack: string
  readonly id: string
  readonly plugin: string
  readonly loc?: SourceLocation
  readonly frame?: string
}

/** The name of the plugin, by which the page finds overlays of ours. */
export const PLUGIN = 'bitscript'

/** `root` is what files are named from, which the overlay's links need whole. */
export function overlayError({ id, code, detail, script, location, frame }: Mistake, root: string): OverlayError {
  const { message } = new ScriptError(code, detail, script === undefined ? {} : { script })
  return {
    message,
    stack: '',
    id,
    plugin: PLUGIN,
    ...(location && { loc: { ...location, file: resolve(root, location.file) } }),
    // Vite knows the lines of a frame by the line end behind each.
    ...(frame !== undefined && { frame: `${frame}\n` }),
  }
}
