import './editor.css'
import { redo, redoDepth, undo, undoDepth } from '@codemirror/commands'
import type { ScriptError } from 'bitscript'
import { assist } from './assist.ts'
import { compareTexts } from './comparison.ts'
import { type Follower, followDebugger } from './debugging/follow-debugger.ts'
import { type After, delayBy } from './delays.ts'
import { createDocuments, type Languages } from './documents.ts'
import { button, element } from './dom.ts'
import type { EditorHost } from './editor-host.ts'
import { exampleBar } from './example-bar.ts'
import type { Example } from './examples.ts'
import { keepTexts } from './kept-texts.ts'
import type { LiveEditor } from './live-editor.ts'
import { clearMistake, mistakePlace, showMistake } from './mistakes.ts'
import { newScriptForm } from './new-script.ts'
import { ScriptFiles } from './script-files.ts'
import { scriptList } from './script-list.ts'
import { describeFault, describeRefusal, describeRun, isLoadFailure, isRolledBack } from './sentences.ts'
import { copyLink } from './share-link.ts'
import { type Message, statusLine } from './status.ts'
import type { Template } from './templates.ts'
import { formatText, goTo, setText, tryExample } from './text-commands.ts'
import { toolbar } from './toolbar.ts'
import { inTurns } from './turns.ts'
import { findPlace, isRunning, recordStep, runningText } from './versions.ts'
import { NO_WORDS } from './vocabulary.ts'
import { watAssistance } from './wat/assistance.ts'
import { watLanguage } from './wat/wat-language.ts'

/** Milliseconds after the last key press before a text is run, with "Run as you type". */
const TYPING_DELAY = 400

/** Options of {@link mountEditor}. */
export interface EditorOptions {
  /** Calls `act` after a number of milliseconds. Returns a function that cancels this. @default setTimeout */
  readonly after?: After
}

/** Adds an editor to an element, which it fills. Its colours follow the `color-scheme` of the page. */
export function mountEditor(parent: HTMLElement, host: EditorHost, options: EditorOptions = {}): LiveEditor {
  const scripts = host.scripts.map((script) => ({ ...script, text: withLineFeeds(script.text) }))
  const files = new ScriptFiles(scripts)
  /** The last message of each script that has a mistake. */
  const mistakes = new Map<string, Message>()
  const typed = delayBy(TYPING_DELAY, options.after)
  let isDisposed = false
  let isHot = false

  const hint = element('p', { class: 'live-hint' }, hintText())
  const typing = element('input', { type: 'checkbox' })
  const status = statusLine()
  const list = scriptList(files.names, open)
  const languages: Languages = {
    wat: [watLanguage, assist(watAssistance(() => host.words?.() ?? NO_WORDS))],
    async assemblyScript() {
      const { assemblyScript } = await import('./assemblyscript/language.ts')
      return assemblyScript((await host.bindings?.()) ?? '')
    },
  }
  const examples = exampleBar(new Set(files.names), runExample)
  const code = element('div', { class: 'live-code' })
  const documents = createDocuments(code, scripts, hintText(), languages, onEdit, (name) => follower?.breakpointsChanged(name))
  const kept = keepTexts(host, files.texts, { shown: documents.text, running: (name) => runningText(documents.state(name)) })
  const comparison = compareTexts(documents, (name) => files.texts.get(name))
  const tools = toolbar({
    undo: () => undo(documents.view),
    redo: () => redo(documents.view),
    format,
    revert,
    share: () => void share(),
    compare: () => void compare(documents.current, !comparison.has(documents.current)),
    create: () => form.toggle(),
    heat: () => void toggleHeat(),
  })
  const form = newScriptForm(
    (name) => files.problemOfName(name),
    create,
    () => tools.opener,
  )
  const root = element(
    'section',
    { class: 'live-editor', 'aria-label': 'Live editor' },
    list.element,
    button('Run', () => runNow(documents.current), { class: 'live-run', 'aria-keyshortcuts': 'Control+S Meta+S' }),
    tools.element,
    code,
    form.element,
    hint,
    element('label', { class: 'live-typing' }, typing, 'Run as you type'),
    status.element,
    examples.element,
  )

  const run = inTurns(async (name) => {
    documents.dispatch(name, recordStep('try'))
    const onProgress = (what: string, progress: number): void => status.say({ text: what, progress })
    const outcome = await host.apply(name, documents.text(name), onProgress).then(
      (report) => ({ report }),
      (error: unknown) => ({ error }),
    )
    if (isDisposed) return
    if ('report' in outcome) {
      mistakes.delete(name)
      documents.dispatch(name, recordStep('accept'))
      documents.dispatch(name, clearMistake(documents.state(name)))
      status.say({ text: describeRun(outcome.report), ...(outcome.report.warnings.length === 0 && { kind: 'good' }) })
    } else fail(name, outcome.error, 'tried', describeRefusal(name, outcome.error))
    mark(name)
    keep()
  })

  const stopListening = host.onFault(showFault)
  const { debugging } = host
  let follower: Follower | undefined
  if (debugging !== undefined)
    follower = followDebugger({ debugging, documents, names: () => files.names, open, say: (text) => status.say({ text }) })

  function showFault(error: ScriptError): void {
    const name = documentOf(error)
    if (name === undefined) {
      status.say({ text: describeFault(error), kind: 'bad' })
      return
    }
    fail(name, error, 'running', describeFault(error, name))
    if (isRolledBack(error)) documents.dispatch(name, recordStep('rollBack'))
    mark(name)
    keep()
  }

  /** Returns the text that a fault is about. */
  function documentOf({ script }: ScriptError): string | undefined {
    const name = script === undefined ? undefined : (host.textOf?.(script) ?? script)
    return name !== undefined && files.has(name) ? name : undefined
  }

  function keep(): void {
    const problem = kept.keep()
    if (problem !== undefined) status.say({ text: problem, kind: 'bad' })
  }

  function fail(name: string, error: unknown, version: 'tried' | 'running', text: string): void {
    documents.dispatch(name, showMistake(documents.state(name), error, version, files.isWat(name) ? undefined : name))
    const place = mistakePlace(documents.state(name))
    const message: Message = {
      text,
      kind: 'bad',
      ...(place !== undefined && { action: { label: 'Go to it', act: () => goToMistake(name) } }),
      ...(isLoadFailure(error) && { action: { label: 'Try again', act: () => void runNow(name) } }),
    }
    mistakes.set(name, message)
    status.say(message)
  }

  function goToMistake(name: string): void {
    open(name)
    const place = mistakePlace(documents.state(name))
    if (place !== undefined) goTo(documents, place)
  }

  function open(name: string): void {
    form.hide()
    documents.open(name)
    host.onOpen?.(name)
    follower?.refresh()
    list.select(name)
    updateTools()
    const mistake = mistakes.get(name)
    if (mistake !== undefined) status.say(mistake)
    else isLocked(name)
  }

  /** Returns whether a script cannot be edited, and says why. */
  function isLocked(name: string): boolean {
    const why = files.whyLocked(name)
    if (why !== undefined) status.say({ text: why, kind: 'bad' })
    return why !== undefined
  }

  function onEdit(name: string): void {
    mark(name)
    updateTools()
    examples.update(documents.text)
    keep()
    if (typing.checked) runSoon(name)
  }

  function mark(name: string): void {
    list.mark(name, { changed: documents.text(name) !== files.texts.get(name), mistaken: mistakes.has(name) })
  }

  function updateTools(): void {
    const { current, view } = documents
    tools.update({
      canUndo: undoDepth(view.state) > 0,
      canRedo: redoDepth(view.state) > 0,
      isCompared: comparison.has(current),
      isHot,
      isNew: files.isAdded(current),
    })
  }

  function runNow(name: string): Promise<void> {
    if (isLocked(name)) return Promise.resolve()
    typed.cancel(name)
    return run(name)
  }

  function runSoon(name: string): void {
    typed.start(name, () => runNow(name))
  }

  function setRunning(name: string, text: string): void {
    setText(documents, name, text)
    documents.dispatch(name, recordStep('try'))
    documents.dispatch(name, recordStep('accept'))
    documents.dispatch(name, clearMistake(documents.state(name)))
    mistakes.delete(name)
    mark(name)
    keep()
  }

  function setFile(name: string, text: string): void {
    const [before, file] = [files.texts.get(name), withLineFeeds(text)]
    if (before === undefined || before === file) return
    if (documents.text(name) !== before) kept.fileChanges(name)
    files.save(name, file)
    if (documents.text(name) === before) {
      setRunning(name, file)
      status.say({ text: `${name}: its file was saved; this is its text now` })
    } else if (documents.text(name) !== file) {
      status.say({ text: `${name}: its file was saved, and your text differs from it. Revert takes the file's`, kind: 'bad' })
    }
    if (comparison.has(name)) void compare(name, true)
    mark(name)
    examples.update(documents.text)
    keep()
  }

  function format(): void {
    const name = documents.current
    const message = isLocked(name) ? undefined : formatText(documents, files.isWat(name))
    if (message !== undefined) status.say(message)
  }

  function revert(): void {
    const name = documents.current
    if (isLocked(name)) return
    if (files.isAdded(name)) {
      remove(name)
      return
    }
    const file = files.texts.get(name) as string
    if (documents.text(name) === file && isRunning(documents.state(name)) && !mistakes.has(name)) {
      status.say({ text: `${name} is what its file says` })
      return
    }
    setText(documents, name, file)
    if (runningText(documents.state(name)) === file && !mistakes.has(name)) status.say({ text: `${name} is what its file says again` })
    else void runNow(name)
  }

  /** Shows or hides what differs from the file. */
  async function compare(name: string, isShown: boolean): Promise<void> {
    const message = await comparison.show(name, isShown)
    if (isDisposed) return
    if (message !== undefined) status.say(message)
    updateTools()
  }

  async function toggleHeat(): Promise<void> {
    isHot = !isHot && follower !== undefined
    updateTools()
    const problem = await follower?.setHeat(isHot).catch((error: unknown) => error)
    if (isDisposed) return
    if (problem instanceof Error) isHot = false
    status.say(
      problem instanceof Error
        ? { text: problem.message, kind: 'bad' }
        : { text: isHot ? 'Lines are tinted by how often they run from now on' : 'Lines are not counted any more' },
    )
    updateTools()
  }

  function create(name: string, { language, text }: Template): void {
    addScript(language === 'wat' ? name : `${name}.ts`, text)
    documents.view.focus()
    status.say({ text: `${documents.current} is yours: edit it, and run it. It has a tenth of the fuel` })
  }

  /** Adds a script without a file, whose text is not run yet, and shows it. */
  function addScript(name: string, text: string): void {
    const language = files.add(name)
    documents.add({ name, text: '', language, isNew: true, draft: { text, running: '', file: '' } })
    list.add(name)
    mark(name)
    keep()
    open(name)
  }

  function remove(name: string): void {
    typed.cancel(name)
    comparison.forget(name)
    host.remove?.(name)
    files.remove(name)
    mistakes.delete(name)
    open(files.names[0] as string)
    documents.remove(name)
    list.remove(name)
    keep()
    status.say({ text: `${name} is removed` })
  }

  function runExample(example: Example, isApplied: boolean): void {
    const { script } = example
    open(script)
    if (isLocked(script)) return
    const message = tryExample(documents, example, isApplied)
    if (message === undefined) void runNow(script)
    else status.say(message)
  }

  async function share(): Promise<void> {
    if (isLocked(documents.current)) return
    const names = [...new Set([documents.current, ...files.differing(documents.text).keys()])]
    const message = await copyLink(names.map((script) => ({ script, text: documents.text(script) })))
    if (!isDisposed) status.say(message)
  }

  typing.addEventListener('change', () => {
    if (!typing.checked) typed.cancelAll()
    else if (!isRunning(documents.view.state)) runSoon(documents.current)
  })
  root.addEventListener('keydown', (event) => {
    // In the text, Escape lets Tab move the focus. It must not close anything around the editor.
    if (event.key === 'Escape' && code.contains(event.target as Node)) event.stopPropagation()
    if (event.key.toLowerCase() !== 's' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return
    event.preventDefault()
    void runNow(documents.current)
  })

  list.select(documents.current)
  updateTools()
  examples.update(documents.text)
  for (const name of files.names) mark(name)
  const back = kept.describe()
  status.say(
    back === undefined
      ? { text: 'Edit a script and run it: the game goes on with it where it is' }
      : { text: back.text, ...(back.isDoubtful && { kind: 'bad' }) },
  )
  parent.append(root)

  return {
    element: root,
    open,
    changed: () => files.differing(documents.text),
    running: () => files.differing((name) => runningText(documents.state(name))),
    setText(name, text) {
      if (files.has(name)) setText(documents, name, withLineFeeds(text))
      else addScript(name, withLineFeeds(text))
    },
    setRunning(name, text) {
      if (!files.has(name)) addScript(name, withLineFeeds(text))
      setRunning(name, withLineFeeds(text))
    },
    setFile,
    reset(name) {
      if (files.isAdded(name)) remove(name)
      else if (files.isWat(name)) setRunning(name, files.texts.get(name) as string)
      else setText(documents, name, files.texts.get(name) as string)
    },
    showFault(error) {
      showFault(error)
      const name = documentOf(error)
      if (name !== undefined) goToMistake(name)
    },
    showLine(script, line) {
      const name = host.textOf?.(script) ?? script
      if (!files.has(name)) return
      open(name)
      goTo(documents, findPlace(documents.state(name), 'running', line, 1))
    },
    run: runNow,
    dispose() {
      isDisposed = true
      stopListening()
      follower?.dispose()
      typed.cancelAll()
      documents.dispose()
      root.remove()
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
