import { ScriptError, type WasmScriptRuntime } from 'bitscript'
import type { LiveEditor } from './editor/editor.ts'

/** The column of scripts beside the game. */
export interface ScriptsPanel {
  /** Texts that the game took and that differ from the files, by script. */
  edited(): ReadonlyMap<string, string>
  /** Opens a script, with another text than the file's, and runs it. */
  open(name: string, text: string): void
  /** Tells of the faults of another game from now on. */
  follow(runtime: WasmScriptRuntime): void
}

export interface ScriptsPanelParts {
  /** The files' own texts, by script. */
  readonly texts: Readonly<Record<string, string>>
  readonly runtime: () => WasmScriptRuntime
}

/** Shows and hides the editor, which is loaded when it is first asked for. */
export function mountScripts(panel: HTMLElement, button: HTMLElement, { texts, runtime }: ScriptsPanelParts): ScriptsPanel {
  const listeners = new Set<(error: ScriptError) => void>()
  let editor: Promise<LiveEditor> | undefined
  let ready: LiveEditor | undefined

  const load = async (): Promise<LiveEditor> => {
    const { mountEditor } = await import('./editor/editor.ts')
    ready = mountEditor(panel, {
      scripts: Object.entries(texts).map(([name, text]) => ({ name, text })),
      apply(name, text) {
        const script = runtime().find(name)
        if (script === undefined) return Promise.reject(new ScriptError('ScriptNotFound', `the game has no script '${name}'`))
        return runtime().reloadModule(script.id, text, { preserve: 'auto' })
      },
      onFault(listener) {
        listeners.add(listener)
        return () => {
          listeners.delete(listener)
        }
      },
    })
    return ready
  }

  const show = (yes: boolean): void => {
    panel.hidden = !yes
    button.setAttribute('aria-expanded', String(yes))
    if (yes) editor ??= load()
  }
  button.addEventListener('click', () => show(panel.hidden !== false))

  return {
    edited: () => ready?.running() ?? new Map(),
    open(name, text) {
      show(true)
      void editor?.then((shown) => {
        shown.setText(name, text)
        shown.open(name)
        return shown.run(name)
      })
    },
    follow(game) {
      game.on('error', (error) => {
        for (const listener of listeners) listener(error)
      })
    },
  }
}
