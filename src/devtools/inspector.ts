import type { WasmScriptRuntime } from '../index.ts'
import { createEntitiesTab } from './entities-tab.ts'
import { createFaultsTab } from './faults-tab.ts'
import { type Inspector, type InspectorOptions, resolveOptions } from './inspector-options.ts'
import { createLogsTab } from './logs-tab.ts'
import { messageOf } from './numbers.ts'
import { createPace } from './pace.ts'
import { keepRecords } from './records.ts'
import { createReloadsTab } from './reloads-tab.ts'
import { createScriptsTab } from './scripts-tab.ts'
import { createShell } from './shell.ts'
import { createTabs } from './tabs.ts'
import { Meter } from './tick-meter.ts'
import { createTimeTab } from './time-tab.ts'

/** Milliseconds between two refreshes. */
const REFRESH = 250
/** Milliseconds that news wait, for more to come. */
const NEWS = 100

/**
 * Puts an inspector into a page: a button in the corner that opens a panel with the scripts of a runtime, what they cost, their
 * states, logs, faults and reloads, the entities of the world, and the time of the game.
 *
 * It reads the public API alone and lies over the page, in a shadow tree of its own. Closed, it keeps the latest log lines,
 * faults and reloads, and does nothing else.
 *
 * Throws `InvalidOptions`, `Disposed`; then nothing was mounted.
 */
export function mountInspector(runtime: WasmScriptRuntime, options: InspectorOptions = {}): Inspector {
  const resolved = resolveOptions(runtime, options)
  let isDisposed = false
  let timer: ReturnType<typeof setInterval> | undefined
  let news: ReturnType<typeof setTimeout> | undefined
  const meter = new Meter(runtime)
  const pace = createPace(NEWS)
  const records = keepRecords(runtime, () => {
    if (timer !== undefined) news ??= setTimeout(refreshInTime, NEWS)
  })
  const all = [
    createScriptsTab(runtime, meter),
    createLogsTab(records),
    createFaultsTab(records),
    createReloadsTab(records),
    createEntitiesTab(runtime),
    createTimeTab(runtime, meter, resolved),
  ] as const
  const tabs = createTabs(all, refresh)
  const shell = createShell(tabs, { onToggle: toggle, onLeave: close })
  resolved.parent.append(shell.host)

  function refresh(): void {
    if (timer === undefined || document.hidden) return
    try {
      tabs.recount()
      tabs.current.refresh()
      shell.tell('')
    } catch (error) {
      shell.tell(messageOf(error))
    }
  }

  /** What takes long, as a flood of faults does, is shown the less often: the frames are the game's. */
  function refreshInTime(): void {
    clearTimeout(news)
    news = undefined
    pace.run(refresh)
  }

  function open(): void {
    if (isDisposed || timer !== undefined) return
    shell.setOpen(true)
    timer = setInterval(refreshInTime, REFRESH)
    try {
      meter.start()
    } catch {
      // A runtime that was disposed of: the refresh says so.
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
      shell.host.remove()
    },
  }
}
