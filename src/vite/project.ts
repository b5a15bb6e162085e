import { isFileLoadingAllowed, normalizePath, type ResolvedConfig, type Rolldown } from 'vite'
import type { ScriptCompilers } from '../files/compilers/own-compilers.ts'
import type { ScriptError } from '../index.ts'
import { escapeLine } from '../printable.ts'
import { mistakeOf } from './hot-events.ts'
import { linkTarget } from './link-path.ts'
import type { LiveScripts } from './live-scripts.ts'
import { overlayError, withIndent } from './overlay.ts'
import { type ProjectScripts, projectScripts } from './project-scripts.ts'
import { fileOfId } from './script-ids.ts'

/** A Vite project, which the hooks of the plugin share. */
export class Project {
  readonly scripts: ProjectScripts
  /** Whether a build includes the text of scripts. */
  readonly editable: boolean
  /** Set once Vite has resolved it, before the first of the other hooks. */
  config!: ResolvedConfig
  /** Follows the saves of scripts; `undefined` in a build. */
  live: LiveScripts | undefined
  #stopWarning: (() => void) | undefined

  constructor(compilers: ScriptCompilers, editable: boolean) {
    this.scripts = projectScripts(compilers, () => this.config)
    this.editable = editable
  }

  /** Begins to print what the compilers of sources warn of in Vite's terminal. */
  printWarnings(): void {
    this.#stopWarning?.()
    this.#stopWarning = this.scripts.onWarning(({ detail, location: { file, line, column }, frame }) => {
      this.config.logger.warn(`${escapeLine(file)}:${line}:${column}: ${detail}\n${frame}`, { timestamp: true })
    })
  }

  /** Stops all that outlives a hook. Further calls do nothing. */
  close(): void {
    this.#stopWarning?.()
    this.live?.close()
  }

  /** Returns the script of an import; `undefined` if it imports none. */
  fileOf(id: string): string | undefined {
    const file = fileOfId(id)
    return file !== undefined && this.scripts.isScript(file) ? file : undefined
  }

  /** Returns whether Vite may give out a file, and where it leads to if it is a link. */
  mayServe(file: string): boolean {
    const path = normalizePath(file)
    return [path, linkTarget(path) ?? path].every((each) => isFileLoadingAllowed(this.config, each))
  }

  /** Ends a hook with the mistake of a script. `message` takes the place of its own. */
  refuse(context: Rolldown.PluginContext, id: string, error: ScriptError, message?: string): never {
    return context.error({ ...withIndent(overlayError(mistakeOf(id, error), this.config)), ...(message !== undefined && { message }) })
  }
}
