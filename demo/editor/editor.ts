import './editor.css'
import { redoDepth, undoDepth } from '@codemirror/commands'
import { assist } from './assist.ts'
import { compareTexts } from './comparison.ts'
import { type Follower, followDebugger } from './debugging/follow-debugger.ts'
import type { After } from './delays.ts'
import { createDocuments, type Languages } from './documents.ts'
import { element } from './dom.ts'
import type { EditorHost } from './editor-host.ts'
import type { EditorParts } from './editor-parts.ts'
import { exampleBar } from './example-bar.ts'
import type { Example } from './examples.ts'
import { followFiles } from './file-texts.ts'
import { heatSwitch } from './heat.ts'
import { keepTexts } from './kept-texts.ts'
import { layOut } from './layout.ts'
import type { LiveEditor } from './live-editor.ts'
import { mistakenTexts } from './mistaken-texts.ts'
import { newScriptForm } from './new-script.ts'
import { ownScripts } from './own-scripts.ts'
import { runAsYouType } from './run-as-you-type.ts'
import { createRuns } from './runs.ts'
import { ScriptFiles } from './script-files.ts'
import { scriptList } from './script-list.ts'
import { statusLine } from './status.ts'
import { goTo, setText, tryExample } from './text-commands.ts'
import { toolActions } from './tool-actions.ts'
import { toolbar } from './toolbar.ts'
import { findPlace, runningText } from './versions.ts'
import { NO_WORDS } from './vocabulary.ts'
import { watAssistance } from './wat/assistance.ts'
import { watLanguage } from './wat/wat-language.ts'

/** Options of {@link mountEditor}. */
export interface EditorOptions {
  /** Calls `act` after a number of milliseconds. Returns a function that cancels this. @default setTimeout */
  readonly after?: After
}

/** Adds an editor to an element, which it fills. Its colours follow the `color-scheme` of the page. */
export function mountEditor(parent: HTMLElement, host: EditorHost, options: EditorOptions = {}): LiveEditor {
  const scripts = host.scripts.map((script) => ({ ...script, text: withLineFeeds(script.text) }))
  const files = new ScriptFiles(scripts)
  const hint = hintText()
  const code = element('div', { class: 'live-code' })
  const documents = createDocuments(code, scripts, hint, languagesOf(host), onEdit, (name) => follower?.breakpointsChanged(name))
  const kept = keepTexts(host, files.texts, { shown: documents.text, running: (name) => runningText(documents.state(name)) })
  const list = scriptList(files.names, open)
  const { element: status, say } = statusLine()
  const disposal = new AbortController()
  const parts: EditorParts = { host, files, documents, disposed: disposal.signal, open, run, say, isLocked, update, keep }

  const mistaken = mistakenTexts(parts)
  const runs = createRuns(parts, mistaken)
  const typing = runAsYouType(documents, run, options.after)
  const comparison = compareTexts(parts, updateTools)
  const fileTexts = followFiles(parts, { mistaken, comparison, kept, runs })
  const own = ownScripts(parts, list, runs, forget)
  const heat = heatSwitch(parts, () => follower, updateTools)
  const form = newScriptForm(
    (name) => files.problemOfName(name),
    own.create,
    () => tools.opener,
  )
  const tools = toolbar(toolActions(parts, { comparison, fileTexts, own, form, heat }))
  const examples = exampleBar(new Set(files.names), runExample)
  const root = layOut(
    {
      list: list.element,
      tools: tools.element,
      code,
      form: form.element,
      hint,
      typing: typing.element,
      status,
      examples: examples.element,
    },
    () => void run(documents.current),
  )

  const stopListening = host.onFault(runs.showFault)
  const { debugging } = host
  let follower: Follower | undefined
  if (debugging !== undefined)
    follower = followDebugger({ debugging, documents, names: () => files.names, open, say: (text) => say({ text }) })

  function open(name: string): void {
    form.hide()
    documents.open(name)
    host.onOpen?.(name)
    follower?.refresh()
    list.select(name)
    updateTools()
    const mistake = mistaken.messageOf(name)
    if (mistake !== undefined) say(mistake)
    else isLocked(name)
  }

  async function run(name: string): Promise<void> {
    if (isLocked(name)) return
    typing.cancel(name)
    await runs.start(name)
  }

  function isLocked(name: string): boolean {
    const why = files.whyLocked(name)
    if (why !== undefined) say({ text: why, kind: 'bad' })
    return why !== undefined
  }

  function mark(name: string): void {
    list.mark(name, { changed: documents.text(name) !== files.texts.get(name), mistaken: mistaken.has(name) })
  }

  function update(name: string): void {
    mark(name)
    keep()
  }

  function keep(): void {
    const problem = kept.keep()
    if (problem !== undefined) say({ text: problem, kind: 'bad' })
  }

  function onEdit(name: string): void {
    update(name)
    updateTools()
    examples.update(documents.text)
    typing.changed(name)
  }

  function updateTools(): void {
    const { current, view } = documents
    tools.update({
      canUndo: undoDepth(view.state) > 0,
      canRedo: redoDepth(view.state) > 0,
      isCompared: comparison.has(current),
      isHot: heat.isOn,
      isNew: files.isAdded(current),
    })
  }

  function forget(name: string): void {
    follower?.forget(name)
    typing.cancel(name)
    comparison.forget(name)
    mistaken.forget(name)
  }

  function runExample(example: Example, isApplied: boolean): void {
    const { script } = example
    open(script)
    if (isLocked(script)) return
    const message = tryExample(documents, example, isApplied)
    if (message === undefined) void run(script)
    else say(message)
  }

  /** Changes a text without letting it run as if it were typed. */
  function change(name: string, act: () => void): void {
    act()
    typing.cancel(name)
  }

  const running = (): ReadonlyMap<string, string> => files.differing((name) => runningText(documents.state(name)))
  const changed = (): ReadonlyMap<string, string> => files.differing(documents.text)

  list.select(documents.current)
  updateTools()
  examples.update(documents.text)
  for (const name of files.names) mark(name)
  const back = kept.describe()
  say(
    back === undefined
      ? { text: 'Edit a script and run it: the game goes on with it where it is' }
      : { text: back.text, ...(back.isDoubtful && { kind: 'bad' }) },
  )
  parent.append(root)

  return {
    element: root,
    open,
    changed,
    running,
    setText(name, text) {
      if (files.has(name)) change(name, () => setText(documents, name, withLineFeeds(text)))
      else own.add(name, withLineFeeds(text))
    },
    setRunning(name, text) {
      if (!files.has(name)) own.add(name, withLineFeeds(text))
      change(name, () => fileTexts.setRunning(name, withLineFeeds(text)))
    },
    setFile: (name, text) => fileTexts.saved(name, withLineFeeds(text)),
    reset(name) {
      if (files.isAdded(name)) own.remove(name)
      else change(name, () => fileTexts.reset(name))
    },
    stop() {
      for (const name of new Set([...running().keys(), ...changed().keys()])) change(name, () => fileTexts.stop(name))
    },
    showFault(error) {
      const name = runs.showFault(error)
      if (name !== undefined) mistaken.goTo(name)
    },
    showLine(script, line) {
      const name = host.textOf?.(script) ?? script
      if (!files.has(name)) return
      open(name)
      goTo(documents, findPlace(documents.state(name), 'running', line, 1))
    },
    run,
    dispose() {
      disposal.abort()
      stopListening()
      follower?.dispose()
      typing.cancelAll()
      documents.dispose()
      root.remove()
    },
  }
}

function languagesOf(host: EditorHost): Languages {
  return {
    wat: [watLanguage, assist(watAssistance(() => host.words?.() ?? NO_WORDS))],
    async assemblyScript() {
      const { assemblyScript } = await import('./assemblyscript/language.ts')
      return assemblyScript((await host.bindings?.()) ?? '')
    },
  }
}

/** Converts line ends to those of the editor, so that a text that was not edited does not differ. */
function withLineFeeds(text: string): string {
  return text.replace(/\r\n?/g, '\n')
}

function hintText(): string {
  const key = /Mac|iP(?:hone|ad)/.test(navigator.platform) ? '⌘S' : 'Ctrl+S'
  return `${key} runs, F1 explains, F12 goes to the definition, F9 sets a breakpoint. Tab indents; Escape, then Tab leaves.`
}
