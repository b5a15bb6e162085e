import type { GuestKind, ScriptId, ScriptInfo, ScriptLink, WasmScriptRuntime } from '../../index.ts'
import { element, setText } from '../elements/element.ts'
import { formatCompact, formatMilliseconds, messageOf, shorten } from '../elements/format-number.ts'
import { readPart, textOf } from '../elements/read-part.ts'
import type { OpenSource } from '../elements/source-place.ts'
import { type Chart, createChart } from '../time/chart.ts'
import type { TickMeter } from '../time/tick-meter.ts'
import { faultView } from './fault-view.ts'
import { createMemoryView } from './memory-view.ts'

/** The view of one script. */
export interface ScriptDetails {
  readonly element: HTMLElement
  refresh(info: ScriptInfo | undefined): void
  hide(): void
}

/** Characters of a state that are shown. */
const MAX_STATE_LENGTH = 20_000
/** Characters of a URL that are shown. A data URL is as long as its file. */
const MAX_URL_LENGTH = 200

/** Creates a view of one script: charts of its time and fuel, its fault, its state, its variables, its config and its metadata. */
export function createScriptDetails(runtime: WasmScriptRuntime, meter: TickMeter, openSource: OpenSource | undefined): ScriptDetails {
  const title = element('h2')
  const charts = element('div', { class: 'charts' })
  const fault = element('div')
  const warnings = element('p', { class: 'warn' })
  const parts = [
    readPart('State', (id) => stateOf(runtime, id)),
    readPart('Variables', (id) => variablesOf(runtime, id)),
    readPart('Config', (id) => jsonOf(runtime.readConfig(id))),
    createMemoryView(runtime),
  ]
  const about = element('dl')
  const view = element('div', { class: 'second' }, title, fault, warnings, charts, ...parts.map((part) => part.element), about)
  let drawn: readonly [Chart, Chart] | undefined
  let current: ScriptInfo | undefined
  let shownFault: unknown

  function draw(id: ScriptId): void {
    drawn ??= [
      createChart(charts, { label: 'ms per tick', colour: '--chart-ms', range: { minimumTop: 0.01 }, format: formatMilliseconds }),
      createChart(charts, { label: 'fuel per tick', colour: '--chart-fuel', range: { minimumTop: 10 }, format: formatCompact }),
    ]
    drawn[0].draw(meter.series(id, 'ms'))
    drawn[1].draw(meter.series(id, 'fuel'))
  }

  return {
    element: view,
    refresh(info) {
      if (info?.id !== current?.id) view.scrollTop = 0
      current = info
      view.hidden = info === undefined
      if (info === undefined) return
      setText(title, info.name)
      draw(info.id)
      if (shownFault !== info.fault) fault.replaceChildren(...(info.fault === undefined ? [] : [faultView(info.fault, openSource)]))
      shownFault = info.fault
      setText(warnings, info.warnings.join('\n'))
      warnings.hidden = info.warnings.length === 0
      for (const part of parts) part.refresh(info.id)
      showAbout(about, info)
    },
    hide() {
      for (const chart of drawn ?? []) chart.dispose()
      drawn = undefined
    },
  }
}

function variablesOf(runtime: WasmScriptRuntime, id: ScriptId): string {
  const lines = [...runtime.readVariables(id)].map(([name, bytes]) => `${JSON.stringify(name)} = ${textOf(bytes)}`)
  return lines.length === 0 ? 'It keeps no variables. Only Extism plugins do.' : shorten(lines.join('\n'), MAX_STATE_LENGTH)
}

function jsonOf(value: unknown): string {
  return shorten(JSON.stringify(value, null, 2), MAX_STATE_LENGTH)
}

function stateOf(runtime: WasmScriptRuntime, id: ScriptId): string {
  try {
    const value = runtime.readState(id)
    if (value instanceof Uint8Array) return `A block of ${value.length} bytes.`
    return value === undefined ? 'The script exports no get_state.' : shorten(JSON.stringify(value, null, 2), MAX_STATE_LENGTH)
  } catch (error) {
    return messageOf(error)
  }
}

/** The kinds of script, as a person calls them. */
const KINDS: Readonly<Record<GuestKind, string>> = { script: 'script', extism: 'Extism plugin', component: 'component' }

/** How a script reaches fields, in words. */
const PATHS: Readonly<Record<ScriptLink['path'], string>> = {
  inline: 'inlined',
  window: 'inlined, its memory behind the columns',
  host: 'by host functions',
}

function formatLink({ path, why }: ScriptLink): string {
  const text = PATHS[path]
  return why === undefined ? text : `${text}: ${why}`
}

/** Formats whether `update`, or a loop of `tick`, runs on four entities at once, or what prevents that. */
function formatVector({ vector, loops, obstacle }: ScriptLink): string | undefined {
  if (vector || loops > 0) return 'vector: four entities at once'
  if (obstacle === undefined) return undefined
  const { why, function: name, location } = obstacle
  return `one by one: ${why}, ${location === undefined ? `in ${name}` : `at ${shorten(location.file, MAX_URL_LENGTH)}:${location.line}:${location.column}`}`
}

function showAbout(list: HTMLElement, { guest, metadata, url, order, entity, link, stats }: ScriptInfo): void {
  const entries: readonly (readonly [string, unknown])[] = [
    ...Object.entries(metadata ?? {}),
    ['kind', guest && KINDS[guest]],
    ['url', url && shorten(url.href, MAX_URL_LENGTH)],
    ['order', order],
    ['fields', link && formatLink(link)],
    ['vectors', link && formatVector(link)],
    ['entity', entity],
    ['calls', stats.calls],
    ['log lines dropped', stats.logsDropped],
  ]
  const known = entries.filter(([, value]) => value !== undefined)
  const terms = known.map(([name]) => name).join()
  if (list.dataset.terms !== terms) {
    list.dataset.terms = terms
    list.replaceChildren(...known.flatMap(([name]) => [element('dt', { class: 'muted' }, name), element('dd')]))
  }
  for (const [index, [, value]] of known.entries()) {
    const place = list.children[index * 2 + 1]
    if (place !== undefined) setText(place, String(value))
  }
}
