import type { WasmScriptRuntime } from '../index.ts'
import { createDebugTab } from './debug/debug-tab.ts'
import { Debugger } from './debug/debugger.ts'
import { createWhy } from './debug/why.ts'
import { messageOf } from './elements/format-number.ts'
import { createPace } from './elements/pace.ts'
import { createEditing } from './entities/editing.ts'
import { createEntitiesTab } from './entities/entities-tab.ts'
import { type Inspector, type InspectorOptions, resolveOptions } from './inspector-options.ts'
import { createShell } from './panel/shell.ts'
import { createTabs } from './panel/tabs.ts'
import { createFaultsTab } from './scripts/faults-tab.ts'
import { createLogsTab } from './scripts/logs-tab.ts'
import { createModsTab } from './scripts/mods-tab.ts'
import { keepRecords } from './scripts/records.ts'
import { createReloadsTab } from './scripts/reloads-tab.ts'
import { createScriptsTab } from './scripts/scripts-tab.ts'
import { createRewind } from './time/rewind.ts'
import { createGameFiles } from './time/saved-games.ts'
import { TickMeter } from './time/tick-meter.ts'
import { createTimeTab } from './time/time-tab.ts'

/** Milliseconds between two refreshes. */
const REFRESH_INTERVAL = 250
/** Milliseconds between a fault or a reload and the refresh that shows it. */
const NEWS_DELAY = 100

/**
 * Adds an inspector to a page: a button in the corner that opens a panel. The panel shows the scripts of a runtime with their
 * times, fuel, states, logs, faults and reloads, the entities of the world, and controls for the time of the game.
 *
 * The inspector uses only the public API, and covers the page in a shadow tree of its own. While it is closed, it only records
 * the latest log lines, faults and reloads.
 *
 * @throws {ScriptError} InvalidOptions, Disposed
 * @example
 * const inspector = mountInspector(runtime, { history: new History(runtime), open: true })
 */
export function mountInspector(runtime: WasmScriptRuntime, options: InspectorOptions = {}): Inspector {
  const resolved = resolveOptions(runtime, options)
  let isDisposed = false
  let timer: ReturnType<typeof setInterval> | undefined
  let news: ReturnType<typeof setTimeout> | undefined
  const meter = new TickMeter(runtime)
  const pace = createPace(NEWS_DELAY)
  const records = keepRecords(runtime, () => {
    if (timer !== undefined) news ??= setTimeout(refreshPaced, NEWS_DELAY)
  })
  const { openSource } = resolved
  const rewind = createRewind(runtime, meter, resolved.history, resolved.controls)
  const editing = createEditing(rewind)
  const debug = resolved.debugger ?? new Debugger(runtime, resolved.controls && { controls: resolved.controls })
  const debugTab = createDebugTab(runtime, debug, openSource)
  const why = createWhy({ debug, openSource, showPast: () => tabs.select(debugTab) })
  const entities = createEntitiesTab(runtime, editing, why, resolved)
  const all = [
    createScriptsTab(runtime, meter, openSource),
    ...(resolved.mods === undefined ? [] : [createModsTab(runtime, resolved.mods, openSource)]),
    createLogsTab(records),
    createFaultsTab(records, openSource),
    createReloadsTab(records),
    entities,
    debugTab,
    createTimeTab(meter, rewind, createGameFiles(runtime, resolved.controls), resolved.controls),
  ] as const
  const tabs = createTabs(all, refresh)
  const shell = createShell(tabs, [entities.cover], { onToggle: toggle, onLeave: close, onInset: (inset) => resolved.inset?.(inset) })
  resolved.parent.append(shell.host)

  function refresh(): void {
    if (timer === undefined || document.hidden) return
    try {
      tabs.recount()
      tabs.current.refresh()
      shell.showProblem('')
    } catch (error) {
      shell.showProblem(messageOf(error))
    }
  }

  /** Refreshes less often the longer a refresh takes, as with many faults, so that the game keeps its frame rate. */
  function refreshPaced(): void {
    clearTimeout(news)
    news = undefined
    pace.run(refresh)
  }

  function open(): void {
    if (isDisposed || timer !== undefined) return
    shell.setOpen(true)
    timer = setInterval(refreshPaced, REFRESH_INTERVAL)
    try {
      meter.start()
    } catch {
      // The runtime has been disposed of; the refresh below shows that.
    }
    refresh()
  }

  function close(): void {
    if (timer === undefined) return
    clearInterval(timer)
    clearTimeout(news)
    timer = news = undefined
    meter.stop()
    tabs.current.hide?.()
    for (const tab of all) tab.close?.()
    shell.setOpen(false)
  }

  function toggle(): void {
    if (timer === undefined) open()
    else close()
  }

  if (resolved.open) open()
  return {
    get isOpen() {
      return timer !== undefined
    },
    open,
    close,
    toggle,
    dispose() {
      close()
      isDisposed = true
      records.dispose()
      if (resolved.debugger === undefined) debug.dispose()
      shell.host.remove()
    },
  }
}
