import type { ScriptError, ScriptSource, WasmScriptRuntime } from 'bitscript'
import type { Debugger } from 'bitscript/devtools'
import { type Draft, type KeptModule, keepDrafts, keepModules, readDrafts, readModules } from './editor/drafts.ts'
import { accept, firstGeneration, type Generations, replaceRunning, rollBack } from './editor/generations.ts'
import type { Shared } from './editor/share.ts'
import type { EditedGame, GameEditor } from './game-editor.ts'

/** The panel beside the game in which scripts are edited. */
export interface ScriptsPanel {
  /** Returns the running sources that differ from the files, by script. Before the editor is open, those of an earlier visit. */
  edited(): ReadonlyMap<string, ScriptSource>
  /** Names of edited texts that came by a link. */
  readonly foreign: ReadonlySet<string>
  /** Returns the names of the player's own texts that {@link take} would replace. */
  replacedBy(shared: readonly Shared[]): readonly string[]
  /**
   * Takes the texts that came by a link in place of edited ones, which Undo brings back: as the running ones of the next game. Resolves with what is left
   * to do once that has started: to compile the texts in AssemblyScript, and run them. Resolves with `undefined` if the editor is needed and could
   * not be loaded: nothing is taken then.
   */
  take(shared: readonly Shared[]): Promise<(() => void) | undefined>
  /** Drops the edits of a script. */
  drop(name: string): void
  /** Keeps the edited texts, but as texts that do not run. */
  stop(): void
  /** Opens the panel, and a fault at its place. */
  showFault(error: ScriptError): void
  /** Opens the panel, and a line of a script. */
  showLine(script: string, line: number): void
  /** Shows the faults of a game, and what its debugger is at. */
  follow(runtime: WasmScriptRuntime, debug: Debugger): void
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
  /** Imports the editor. */
  readonly loadEditor: () => Promise<{ readonly mountGameEditor: (panel: HTMLElement, game: EditedGame) => GameEditor }>
  /** Starts the first game with these texts. */
  readonly start: (sources: ReadonlyMap<string, ScriptSource>) => Promise<void>
}

/** Returns the name of the script that a text is for. */
export function scriptOf(name: string): string {
  return name.replace(/\.ts$/, '')
}

/** Returns whether a text is in AssemblyScript. */
function isCompiled(name: string): boolean {
  return name.endsWith('.ts')
}

/** Lets a button show and hide the editor, which is loaded when it is first shown. */
export function mountScripts(
  panel: HTMLElement,
  button: HTMLElement,
  { texts, locked, onSave, runtime, loadEditor, start }: ScriptsPanelOptions,
): ScriptsPanel {
  const listeners = new Set<(error: ScriptError) => void>()
  const followers = new Set<() => void>()
  let debug: Debugger | undefined
  const kept = [...readDrafts()]
  let drafts = new Map(kept.filter(([name]) => !Object.hasOwn(locked, name)))
  /** What the game runs of each script, if that is not its own text. */
  const modules = new Map<string, Generations<KeptModule | undefined>>(
    [...readModules()].map(([script, module]) => [script, firstGeneration(module)]),
  )
  /** Edits of scripts that have a text on another visit. */
  const others = kept.filter(([name]) => Object.hasOwn(locked, name))
  /** Names of texts of which a link brought one. Undo can bring it back after Revert, so they stay marked. */
  const marked = new Set([...drafts].flatMap(([name, { isForeign }]) => (isForeign === true ? [name] : [])))
  let loading: Promise<GameEditor | undefined> | undefined
  let ready: GameEditor | undefined

  function keep(edited: ReadonlyMap<string, Draft>): boolean {
    drafts = new Map([...edited].map(([name, draft]) => [name, marked.has(name) ? { ...draft, isForeign: true } : draft]))
    return keepDrafts(new Map([...others, ...drafts]))
  }

  /** The running texts that differ from the files, and the modules that were compiled of texts in other languages. */
  const edited = (): ReadonlyMap<string, ScriptSource> => {
    const files = texts()
    const running =
      ready?.running() ??
      new Map([...drafts].flatMap(([name, draft]) => (draft.running === (files[name] ?? '') ? [] : [[name, draft.running]])))
    const own = [...running].filter(([name]) => !isCompiled(name))
    return new Map<string, ScriptSource>([...own, ...[...runningModules()].map(([script, { module }]) => [script, module] as const)])
  }

  const load = async (): Promise<GameEditor> => {
    const { mountGameEditor } = await loadEditor()
    panel.replaceChildren()
    ready = mountGameEditor(panel, {
      texts,
      locked,
      drafts,
      runtime,
      keep,
      start: (script, source) => start(new Map([...edited(), [script, source]])),
      scriptOf,
      textOf,
      isForeign: (name) => marked.has(name),
      onRun: (report, text, module) => setModule(report.script, accept(modulesOf(report.script), module && { text, module }, report)),
      onRollBack: (script, generation) => setModule(script, rollBack(modulesOf(script), generation)),
      onRemove(name) {
        marked.delete(name)
        dropModules([scriptOf(name)])
      },
      onFault(listener) {
        listeners.add(listener)
        return () => {
          listeners.delete(listener)
        }
      },
      debugging: {
        current: () => debug,
        onChange(listener) {
          followers.add(listener)
          return () => {
            followers.delete(listener)
          }
        },
        scriptOf,
        textOf,
      },
    })
    return ready
  }

  /** Loads the editor, or shows why it cannot be loaded. The next call tries again. */
  const open = (): Promise<GameEditor | undefined> => {
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

  const modulesOf = (script: string): Generations<KeptModule | undefined> => modules.get(script) ?? firstGeneration(undefined)
  const textOf = (script: string): string => modulesOf(script).running.value?.text ?? script
  const runningModules = (): ReadonlyMap<string, KeptModule> =>
    new Map([...modules].flatMap(([script, { running }]) => (running.value === undefined ? [] : [[script, running.value]])))

  function setModule(script: string, generations: Generations<KeptModule | undefined>): void {
    modules.set(script, generations)
    keepModules(runningModules())
    tellFollowers()
  }

  function dropModules(names: Iterable<string>): void {
    for (const script of names) modules.delete(script)
    keepModules(runningModules())
    tellFollowers()
  }

  function tellFollowers(): void {
    for (const follower of followers) follower()
  }

  // What a link brought before is not the player's own.
  function replacedBy(shared: readonly Shared[]): readonly string[] {
    const isOwn = ({ script, text }: Shared): boolean => {
      const draft = drafts.get(script)
      return draft !== undefined && !marked.has(script) && draft.text !== text && draft.text !== draft.file
    }
    return shared.filter(isOwn).map(({ script }) => script)
  }

  /** Takes a text in WAT as the running one. */
  function takeText(name: string, text: string): void {
    if (ready === undefined) keep(new Map([...drafts, [name, { text, running: text, file: texts()[name] ?? '' }]]))
    else ready.setRunning(name, text)
  }

  const show = (yes: boolean): Promise<GameEditor | undefined> => {
    panel.hidden = !yes
    if (yes) ready?.show()
    else ready?.hide()
    button.setAttribute('aria-expanded', String(yes))
    return yes ? open() : Promise.resolve(undefined)
  }
  button.addEventListener('click', () => void show(panel.hidden !== false))
  onSave((name, text) => {
    const generations = modules.get(name)
    if (generations !== undefined) setModule(name, replaceRunning(generations, generations.running.value))
    ready?.setFile(name, text)
  })

  return {
    edited,
    get foreign() {
      return new Set([...marked].filter((name) => drafts.has(name)))
    },
    replacedBy,
    async take(shared) {
      const others = shared.filter(({ script }) => isCompiled(script))
      // The editor can undo that a text of the player is replaced.
      const isEditorNeeded = others.length > 0 || replacedBy(shared).length > 0
      const editor = ready ?? (isEditorNeeded ? await show(true) : undefined)
      if (isEditorNeeded && editor === undefined) return undefined
      for (const { script } of shared) marked.add(script)
      dropModules(shared.map(({ script }) => scriptOf(script)))
      for (const { script, text } of shared) {
        if (isCompiled(script)) editor?.setText(script, text)
        else takeText(script, text)
      }
      void show(true).then((opened) => opened?.open((shared[0] as Shared).script))
      return () => {
        for (const { script } of others) void editor?.run(script)
      }
    },
    drop(name) {
      dropModules([scriptOf(name)])
      if (ready === undefined) keep(new Map([...drafts].filter(([each]) => each !== name)))
      else ready.reset(name)
    },
    stop() {
      const files = texts()
      dropModules([...modules.keys()])
      if (ready === undefined) keep(new Map([...drafts].map(([name, draft]) => [name, { ...draft, running: files[name] ?? draft.file }])))
      else ready.stop()
    },
    showFault(error) {
      void show(true).then((editor) => editor?.showFault(error))
    },
    showLine(script, line) {
      void show(true).then((editor) => editor?.showLine(script, line))
    },
    follow(game, other) {
      debug = other
      other.on(tellFollowers)
      tellFollowers()
      // The editor can change breakpoints, which must wait for the end of the step.
      game.on('error', (error) => {
        queueMicrotask(() => {
          for (const listener of listeners) listener(error)
        })
      })
    },
  }
}
