import { ScriptError, type WasmScriptRuntime } from 'bitscript'
import type { LiveEditor } from './editor/editor.ts'

/** The panel beside the game in which scripts are edited. */
export interface ScriptsPanel {
  /** Returns the running texts that differ from the files, by script. */
  edited(): ReadonlyMap<string, string>
  /** Opens a script with a text that differs from its file, and runs it. */
  open(name: string, text: string): void
  /** Shows the faults of a game. */
  follow(runtime: WasmScriptRuntime): void
}

/** Options of {@link mountScripts}. */
export interface ScriptsPanelOptions {
  /** The texts of the files, by script. */
  readonly texts: Readonly<Record<string, string>>
  /** Returns the runtime of the current game. */
  readonly runtime: () => WasmScriptRuntime
}

/** Lets a button show and hide the editor, which is loaded when it is first shown. */
export function mountScripts(panel: HTMLElement, button: HTMLElement, { texts, runtime }: ScriptsPanelOptions): ScriptsPanel {
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
