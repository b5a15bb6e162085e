import type { EditorParts } from './editor-parts.ts'
import type { Runs } from './runs.ts'
import type { ScriptList } from './script-list.ts'
import type { Template } from './templates.ts'

/** The scripts that are written in the editor, and have no file. */
export interface OwnScripts {
  /** Adds a script that begins as a template, and shows it. */
  create(name: string, template: Template): void
  /** Adds a script whose text is not run yet, and shows it. */
  add(name: string, text: string): void
  /** Removes a script from the editor and from the game, and shows another. */
  remove(name: string): void
}

/** Adds and removes scripts. Calls `forget` with each that is removed. */
export function ownScripts(
  { host, documents, files, open, say, update, keep }: EditorParts,
  list: ScriptList,
  runs: Runs,
  forget: (name: string) => void,
): OwnScripts {
  function add(name: string, text: string): void {
    const language = files.add(name)
    documents.add({ name, text: '', language, isNew: true, draft: { text, running: '', file: '' } })
    list.add(name)
    update(name)
    open(name)
  }

  return {
    create(name, { language, text }) {
      add(language === 'wat' ? name : `${name}.ts`, text)
      documents.view.focus()
      say({ text: `${documents.current} is yours: edit it, and run it. It has a tenth of the fuel` })
    },
    add,
    remove(name) {
      forget(name)
      runs.abandon(name, () => host.remove?.(name))
      host.remove?.(name)
      files.remove(name)
      open(files.names[0] as string)
      documents.remove(name)
      list.remove(name)
      keep()
      say({ text: `${name} is removed` })
    },
  }
}
