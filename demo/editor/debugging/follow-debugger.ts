import type { Debugger } from 'bitscript/devtools'
import type { Documents } from '../documents.ts'
import { reveal } from '../reveal.ts'
import { findPlace } from '../versions.ts'
import { breakpointLines } from './breakpoints.ts'
import type { EditorDebugging } from './editor-debugging.ts'
import { type LineNotes, NO_NOTES, showNotes, visibleColumns } from './line-notes.ts'

/** What {@link followDebugger} uses of the editor. */
export interface FollowOptions {
  readonly debugging: EditorDebugging
  readonly documents: Documents
  readonly names: () => Iterable<string>
  /** Shows a text. */
  readonly open: (name: string) => void
  /** Says what happened. */
  readonly say: (text: string) => void
}

/** What makes an editor follow a debugger. */
export interface Follower {
  /** Takes the breakpoints of a text. */
  breakpointsChanged(name: string): void
  /** Removes the breakpoints of a text that is about to be removed. */
  forget(name: string): void
  /** Shows what there is to say of the text that is open. */
  refresh(): void
  /** Starts or stops to show how often lines run. Rejects if they cannot be counted. */
  setHeat(isHot: boolean): Promise<void>
  dispose(): void
}

/** Milliseconds between two looks at how often lines ran. */
const HEAT_PACE = 500

/** Shows the step that a debugger is at in the editor, and gives it the breakpoints of the editor. */
export function followDebugger({ debugging, documents, names, open, say }: FollowOptions): Follower {
  let followed: Debugger | undefined
  /** The texts whose breakpoints the debugger has. */
  let passed = ''
  let position: Debugger['position']
  let noted: string | undefined
  let timer: ReturnType<typeof setInterval> | undefined

  /** Whether the game runs a text, and not another of the same script. */
  const isRun = (name: string): boolean => debugging.textOf(debugging.scriptOf(name)) === name

  function setBreakpoints(debug: Debugger, name: string): number {
    const lines = breakpointLines(documents.state(name))
    const isCompiled = name !== debugging.scriptOf(name)
    debug.setBreakpoints(
      debugging.scriptOf(name),
      lines.map((line) => ({ line, ...(isCompiled && { file: name }) })),
    )
    return lines.length
  }

  function notesOf(name: string): LineNotes {
    const debug = debugging.current()
    if (debug === undefined || !isRun(name)) return NO_NOTES
    const script = debugging.scriptOf(name)
    const isOwn = (each: { readonly script: string; readonly file: string }): boolean =>
      each.script === script && (name === script || each.file.endsWith(name))
    const place = debug.position?.moment?.stack.find((frame) => frame.script === script)?.place
    const counts = new Map<number, number>()
    for (const each of debug.lineCounts) if (isOwn(each)) counts.set(each.line, Math.max(each.count, counts.get(each.line) ?? 0))
    return {
      ...(place !== undefined && { current: place.line }),
      values: new Map(debug.values.filter(isOwn).map(({ line, ...values }) => [line, values])),
      counts,
      heat: heatOf(debug.heat.filter(isOwn)),
    }
  }

  function refresh(): void {
    const { current, view } = documents
    const columns = visibleColumns(view)
    if (noted !== undefined && noted !== current && [...names()].includes(noted))
      documents.dispatch(noted, showNotes(documents.state(noted), NO_NOTES, columns))
    noted = current
    documents.dispatch(current, showNotes(documents.state(current), notesOf(current), columns))
  }

  /** Shows the line of the step at hand. */
  function goToStep(debug: Debugger): void {
    const frame = debug.position?.moment?.stack[0]
    if (frame?.place === undefined) return
    const name = debugging.textOf(frame.script)
    if (![...names()].includes(name)) return
    if (documents.current !== name) open(name)
    const at = findPlace(documents.state(name), 'running', frame.place.line, 1)
    documents.dispatch(name, { effects: reveal(documents.view, at, { y: 'nearest', yMargin: 60 }) })
  }

  function changed(): void {
    const debug = debugging.current()
    const isOther = debug !== followed
    const run = [...names()].filter(isRun)
    if (isOther || run.join() !== passed) {
      // First, because each change of the debugger calls this again.
      followed = debug
      passed = run.join()
      if (isOther && timer !== undefined) void debug?.setHeat(true).catch(() => undefined)
      // Breakpoints stay with the texts when another game starts, or another text of a script runs.
      const held = debug === undefined ? 0 : run.reduce((sum, name) => sum + setBreakpoints(debug, name), 0)
      if (held > 0) void debug?.open().catch(() => undefined)
    }
    if (debug !== undefined && debug.position !== position) {
      position = debug.position
      goToStep(debug)
    }
    refresh()
  }

  const stop = debugging.onChange(changed)
  changed()
  return {
    refresh,
    breakpointsChanged(name) {
      const debug = debugging.current()
      if (debug === undefined || !isRun(name)) return
      const before = debug.breakpoints.length
      const count = setBreakpoints(debug, name)
      if (count > 0) void debug.open().catch((error: Error) => say(error.message))
      const { length } = debug.breakpoints
      if (length > before) say(`The game pauses when a line with a breakpoint has run: ${name} has ${count}`)
      else if (length < before) say(`${name} has ${count === 0 ? 'no breakpoint' : `${count} breakpoints`} now`)
    },
    forget(name) {
      if (isRun(name)) debugging.current()?.setBreakpoints(debugging.scriptOf(name), [])
    },
    async setHeat(isHot) {
      clearInterval(timer)
      timer = isHot ? setInterval(refresh, HEAT_PACE) : undefined
      try {
        await debugging.current()?.setHeat(isHot)
      } catch (error) {
        clearInterval(timer)
        timer = undefined
        throw error
      } finally {
        refresh()
      }
    },
    dispose() {
      clearInterval(timer)
      stop()
    },
  }
}

/** Returns how often lines ran as a part of the most, by orders of magnitude: what runs for each entity would leave all else cold. */
function heatOf(lines: readonly { readonly line: number; readonly hits: number }[]): ReadonlyMap<number, number> {
  const most = Math.log1p(Math.max(1, ...lines.map(({ hits }) => hits)))
  return new Map(lines.map(({ line, hits }) => [line, Math.log1p(hits) / most]))
}
