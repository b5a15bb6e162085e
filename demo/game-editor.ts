import { ABI } from 'virtual:abi'
import { describeGame, type ReloadReport, ScriptError, type ScriptSource, type WasmScriptRuntime } from 'bitscript'
import { keepCompiler } from './editor/assemblyscript/kept-compiler.ts'
import type { EditorDebugging } from './editor/debugging/editor-debugging.ts'
import type { Draft, Drafts } from './editor/drafts.ts'
import { mountEditor } from './editor/editor.ts'
import type { EditedScript } from './editor/editor-host.ts'
import type { LiveEditor } from './editor/live-editor.ts'
import { rolledBackTo } from './editor/sentences.ts'
import { NO_WORDS, vocabularyOf } from './editor/vocabulary.ts'
import { checkLimits } from './foreign.ts'
import { importPart } from './play/import-part.ts'
import { loadAsset } from './play/session.ts'
import { FOREIGN, type ScriptName } from './sim/index.ts'

/** The page, as the editor of its game uses it. */
export interface EditedGame {
  /** Returns the text of the file of each script, as it is now. Scripts without a text are left out. */
  readonly texts: () => Readonly<Record<string, string>>
  /** Why scripts cannot be edited. */
  readonly locked: Readonly<Record<string, string>>
  readonly drafts: Drafts
  /** Returns the runtime of the current game; `undefined` if none has started, because a script has a mistake. */
  readonly runtime: () => WasmScriptRuntime | undefined
  /** Starts the first game with this source of a script beside the edited ones. */
  readonly start: (script: string, source: ScriptSource) => Promise<void>
  /** Keeps the drafts instead of those before. Returns whether it could. */
  readonly keep: (drafts: Drafts) => boolean
  /** Returns whether a text may be of somebody else: a link brought one of its name. */
  readonly isForeign: (text: string) => boolean
  /** Called when the game runs a text; `module` is what it was compiled to, unless it is the text of the script itself. */
  readonly onRun: (report: ReloadReport, text: string, module: Uint8Array | undefined) => void
  /** Called when the game went back to an earlier generation of a script. */
  readonly onRollBack: (script: string, generation: number) => void
  /** Called when a text that has no file was removed, and its script with it. */
  readonly onRemove: (text: string) => void
  /** Returns which text the game runs for a script. */
  readonly textOf: (script: string) => string
  /** Returns the name of the script that a text is for. */
  readonly scriptOf: (text: string) => string
  readonly onFault: (listener: (error: ScriptError) => void) => () => void
  readonly debugging: EditorDebugging
}

/** The editor of a game. */
export interface GameEditor extends LiveEditor {
  /** Frees what is only needed while it is seen. */
  hide(): void
  /** Called when it is seen again. */
  show(): void
}

/** The report of a run that loaded the script for the first time. */
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

/** Scripts in AssemblyScript, by the path of their file. */
const FILES = import.meta.glob<string>(['./languages/*.ts', '!./languages/game.ts'], { query: '?raw', import: 'default', eager: true })
const loadBindings = (): Promise<string> => import('./languages/game.ts?raw').then(({ default: text }) => text)

const isAssemblyScript = (name: string): boolean => name.endsWith('.ts')

/** Mounts the editor of a game in a panel. */
export function mountGameEditor(panel: HTMLElement, game: EditedGame): GameEditor {
  const { texts, locked, drafts, runtime, scriptOf } = game
  const compiler = keepCompiler((onProgress) =>
    importPart(() => import('./editor/assemblyscript/compiler.ts')).then(({ loadCompiler }) => loadCompiler(onProgress)),
  )
  let shown = ''

  async function compile(name: string, text: string, onProgress: (what: string, part: number) => void): Promise<Uint8Array> {
    const bindings = await loadBindings().catch((cause: Error) => {
      throw new ScriptError('LoadFailed', `what scripts in AssemblyScript import could not be loaded (${cause.message})`, { cause })
    })
    return compiler.compile(name, { [name]: text, 'game.ts': bindings }, (part) =>
      onProgress(part < 1 ? 'Loading the compiler of AssemblyScript, 2.9 MB, once' : 'Starting the compiler of AssemblyScript', part),
    )
  }

  const files = Object.entries(FILES).map(
    ([path, text]) => ({ name: path.replace(/^.*\//, ''), text, language: 'assemblyscript' }) as const,
  )
  const fileOf = (name: string): string | undefined => texts()[name] ?? files.find((file) => file.name === name)?.text

  async function apply(
    name: string,
    text: string,
    onProgress: (what: string, part: number) => void,
    abandoned: AbortSignal,
  ): Promise<ReloadReport> {
    const script = scriptOf(name)
    const module = isAssemblyScript(name) ? await compile(name, text, onProgress) : undefined
    // Loaded from its import, a script is reloaded when its file is saved.
    const source = module ?? (text === texts()[name] ? await loadAsset(name as ScriptName) : text)
    abandoned.throwIfAborted()
    const current = runtime()
    const known = current?.find(script)
    if (known !== undefined && game.isForeign(name) && text !== fileOf(name)) checkLimits(known)
    let report: ReloadReport = { ...FIRST_RUN, script }
    if (current === undefined) await game.start(script, source)
    else if (known === undefined) await current.loadModule(source, { name: script, ...FOREIGN })
    else report = await current.reloadModule(known.id, source, { preserve: 'auto' })
    if (!abandoned.aborted) game.onRun(report, name, module)
    return report
  }

  const withDraft = (script: EditedScript): EditedScript => {
    const draft: Draft | undefined = drafts.get(script.name)
    return { ...script, ...(draft !== undefined && { draft }) }
  }
  const names = [...Object.keys(texts()), ...Object.keys(locked), ...files.map(({ name }) => name)]
  const own = [...drafts.keys()].filter((name) => !names.includes(name))
  const editor = mountEditor(panel, {
    scripts: [
      ...Object.entries(texts()).map(([name, text]) => withDraft({ name, text })),
      ...Object.entries(locked).map(([name, why]) => ({ name, text: `;; ${why}\n`, locked: why })),
      ...files.map(withDraft),
      ...own.map((name) => withDraft({ name, text: '', isNew: true, ...(isAssemblyScript(name) && { language: 'assemblyscript' }) })),
    ],
    apply,
    keep: game.keep,
    textOf: game.textOf,
    remove(name) {
      const known = runtime()?.find(scriptOf(name))
      if (known !== undefined) runtime()?.unloadModule(known.id)
      game.onRemove(name)
    },
    bindings: loadBindings,
    onOpen(name) {
      shown = name
      compiler.keepLoaded(isAssemblyScript(name))
    },
    words() {
      const current = runtime()
      return current === undefined ? NO_WORDS : vocabularyOf(ABI, describeGame(current))
    },
    onFault: game.onFault,
    debugging: game.debugging,
  })
  // After the editor, which shows the fault in the text that had it.
  const stopListening = game.onFault((error) => {
    const generation = rolledBackTo(error)
    if (generation !== undefined && error.script !== undefined) game.onRollBack(error.script, generation)
  })
  return {
    ...editor,
    dispose() {
      stopListening()
      editor.dispose()
    },
    hide: () => compiler.keepLoaded(false),
    show: () => compiler.keepLoaded(isAssemblyScript(shown)),
  }
}
