import { describeGame, type ReloadReport, ScriptError, type WasmScriptRuntime } from 'bitscript'
import { type Draft, keepDrafts, readDrafts } from './editor/drafts.ts'
import type { LiveEditor } from './editor/editor.ts'
import { loadAsset } from './play/session.ts'
import type { ScriptName } from './sim/index.ts'

/** The panel beside the game in which scripts are edited. */
export interface ScriptsPanel {
  /** Returns the running texts that differ from the files, by script. Before the editor is open, those of an earlier visit. */
  edited(): ReadonlyMap<string, string>
  /** Names of scripts whose text came by a link. */
  readonly foreign: ReadonlySet<string>
  /** Takes a text that came by a link as the running one, in place of an edited one. */
  take(name: string, text: string): void
  /** Drops the edits of a script. */
  drop(name: string): void
  /** Keeps the edited texts, but as texts that do not run. */
  stop(): void
  /** Opens the panel, and a fault at its place. */
  showFault(error: ScriptError): void
  /** Shows the faults of a game. */
  follow(runtime: WasmScriptRuntime): void
}

/** Options of {@link mountScripts}. */
export interface ScriptsPanelOptions {
  /** Returns the text of the file of each script, as it is now. Scripts without a text are left out. */
  readonly texts: () => Readonly<Record<string, string>>
  /** Why scripts cannot be edited: those that have no text. */
  readonly locked: Readonly<Record<string, string>>
  /** Calls `listener` when a file was saved. */
  readonly onSave: (listener: (name: string, text: string) => void) => void
  /** Returns the runtime of the current game; `undefined` if none has started, because a script has a mistake. */
  readonly runtime: () => WasmScriptRuntime | undefined
  /** Starts the first game with these texts. */
  readonly start: (texts: ReadonlyMap<string, string>) => Promise<void>
}

/** The report of a run that started the first game. */
const FIRST_RUN: Omit<ReloadReport, 'script'> = {
  generation: 1,
  unchanged: false,
  state: 'reset',
  carried: [],
  dropped: [],
  ran: [],
  warnings: [],
  ms: { compile: 0, link: 0, state: 0, total: 0 },
}

/** Lets a button show and hide the editor, which is loaded when it is first shown. */
export function mountScripts(
  panel: HTMLElement,
  button: HTMLElement,
  { texts, locked, onSave, runtime, start }: ScriptsPanelOptions,
): ScriptsPanel {
  const listeners = new Set<(error: ScriptError) => void>()
  const kept = [...readDrafts()]
  let drafts = new Map(kept.filter(([name]) => name in texts()))
  /** Edits of scripts that have a text on another visit. */
  const others = kept.filter(([name]) => name in locked)
  const foreign = new Set([...drafts].flatMap(([name, { isForeign }]) => (isForeign === true ? [name] : [])))
  let loading: Promise<LiveEditor | undefined> | undefined
  let ready: LiveEditor | undefined

  function keep(edited: ReadonlyMap<string, Draft>): boolean {
    drafts = new Map([...edited].map(([name, draft]) => [name, foreign.has(name) ? { ...draft, isForeign: true } : draft]))
    for (const name of foreign) if (!drafts.has(name)) foreign.delete(name)
    return keepDrafts(new Map([...others, ...drafts]))
  }

  const edited = (): ReadonlyMap<string, string> =>
    ready?.running() ?? new Map([...drafts].flatMap(([name, { running }]) => (running === texts()[name] ? [] : [[name, running]])))

  const load = async (): Promise<LiveEditor> => {
    const [{ mountEditor }, { NO_WORDS, vocabularyOf }, { ABI }] = await Promise.all([
      import('./editor/editor.ts'),
      import('./editor/vocabulary.ts'),
      import('virtual:abi'),
    ])
    panel.replaceChildren()
    ready = mountEditor(panel, {
      scripts: [
        ...Object.entries(texts()).map(([name, text]) => {
          const draft = drafts.get(name)
          return { name, text, ...(draft !== undefined && { draft }) }
        }),
        ...Object.entries(locked).map(([name, why]) => ({ name, text: `;; ${why}\n`, locked: why })),
      ],
      async apply(name, text) {
        const game = runtime()
        if (game === undefined) {
          await start(new Map([...edited(), [name, text]]))
          return { ...FIRST_RUN, script: name }
        }
        const script = game.find(name)
        if (script === undefined) throw new ScriptError('ScriptNotFound', `the game has no script '${name}'`)
        // Loaded from its import, a script is reloaded when its file is saved.
        const source = text === texts()[name] ? await loadAsset(name as ScriptName) : text
        return game.reloadModule(script.id, source, { preserve: 'auto' })
      },
      keep,
      words() {
        const game = runtime()
        return game === undefined ? NO_WORDS : vocabularyOf(ABI, describeGame(game))
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

  /** Loads the editor, or shows why it cannot be loaded. The next call tries again. */
  const open = (): Promise<LiveEditor | undefined> => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined
      const problem = document.createElement('p')
      problem.className = 'problem'
      problem.role = 'alert'
      problem.textContent = `The editor could not be loaded (${error instanceof Error ? error.message : error}). Check the connection, then try again. `
      const again = document.createElement('button')
      again.textContent = 'Try again'
      again.addEventListener('click', () => void open())
      problem.append(again)
      panel.replaceChildren(problem)
      return undefined
    })
    return loading
  }

  const show = (yes: boolean): Promise<LiveEditor | undefined> => {
    panel.hidden = !yes
    button.setAttribute('aria-expanded', String(yes))
    return yes ? open() : Promise.resolve(undefined)
  }
  button.addEventListener('click', () => void show(panel.hidden !== false))
  onSave((name, text) => ready?.setFile(name, text))

  return {
    edited,
    foreign,
    take(name, text) {
      foreign.add(name)
      const file = texts()[name] as string
      if (ready === undefined) keep(new Map([...drafts, [name, { text, running: text, file }]]))
      else ready.setRunning(name, text)
      void show(true).then((editor) => editor?.open(name))
    },
    drop(name) {
      foreign.delete(name)
      if (ready === undefined) keep(new Map([...drafts].filter(([each]) => each !== name)))
      else ready.setRunning(name, texts()[name] as string)
    },
    stop() {
      const files = texts()
      if (ready === undefined) keep(new Map([...drafts].map(([name, draft]) => [name, { ...draft, running: files[name] as string }])))
      for (const [name, text] of ready?.changed() ?? []) {
        ready?.setRunning(name, files[name] as string)
        ready?.setText(name, text)
      }
    },
    showFault(error) {
      void show(true).then((editor) => editor?.showFault(error))
    },
    follow(game) {
      game.on('error', (error) => {
        for (const listener of listeners) listener(error)
      })
    },
  }
}
