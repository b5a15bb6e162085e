import { type Grant, listMessages, type ModInfo, type Mods, type WasmScriptRuntime } from '../../index.ts'
import { button, element, setText } from '../elements/element.ts'
import { formatCount, messageOf, shorten } from '../elements/format-number.ts'
import { readPart, textOf } from '../elements/read-part.ts'
import type { OpenSource } from '../elements/source-place.ts'
import { faultView } from './fault-view.ts'
import { createMetricCharts } from './metric-charts.ts'

/** The view of one mod. */
export interface ModDetails {
  readonly element: HTMLElement
  refresh(mod: ModInfo | undefined): void
  hide(): void
}

const GRANTS: readonly (keyof Grant)[] = ['read', 'write', 'change', 'spawn', 'emit', 'host', 'hosts']

/** Creates a view of one mod: buttons that switch it, what it asks for and was given, its limits, metrics, messages and storage. */
export function createModDetails(
  runtime: WasmScriptRuntime,
  mods: Mods,
  openSource: OpenSource | undefined,
  onChange: () => void,
): ModDetails {
  const title = element('h2')
  const about = element('p', { class: 'muted' })
  const problem = element('p', { class: 'error', role: 'status' })
  const fault = element('div')
  const toggle = button('', switchMod)
  const grants = element('tbody')
  const charts = createMetricCharts()
  const noMetrics = element('p', { class: 'muted' }, 'It has no metrics.')
  const storage = readPart('Storage', (id) => storageOf(runtime, id))
  const waiting = readPart('Waiting messages', (id) => messagesOf(runtime, id))
  const messages = element('p', { class: 'numbers' })
  const limits = element('dl')
  const view = element(
    'div',
    { class: 'second' },
    element('div', { class: 'bar' }, title, toggle),
    about,
    problem,
    fault,
    element('h2', {}, 'Grants'),
    table(['access', 'asked', 'given'], grants),
    element('h2', {}, 'Metrics'),
    charts.element,
    noMetrics,
    element('h2', {}, 'Messages'),
    messages,
    waiting.element,
    storage.element,
    element('details', {}, element('summary', {}, 'Limits'), limits),
  )
  let current: ModInfo | undefined
  let shownFault: unknown

  function switchMod(): void {
    if (current === undefined) return
    const { name, status } = current
    setText(problem, '')
    try {
      if (status === 'disabled') mods.enable(name)
      else mods.disable(name)
    } catch (error) {
      setText(problem, messageOf(error))
    }
    onChange()
  }

  return {
    element: view,
    refresh(mod) {
      if (mod?.name !== current?.name) {
        view.scrollTop = 0
        setText(problem, '')
      }
      current = mod
      view.hidden = mod === undefined
      if (mod === undefined) return
      const { name, version, status, manifest, granted, script } = mod
      const info = runtime.script(script)
      setText(title, `${name} ${version}`)
      setText(about, manifest.description ?? '')
      setText(toggle, status === 'disabled' ? 'Enable' : 'Disable')
      if (shownFault !== info.fault) fault.replaceChildren(...(info.fault === undefined ? [] : [faultView(info.fault, openSource)]))
      shownFault = info.fault
      showRows(
        grants,
        GRANTS.map((key) => [key, formatGrant(manifest.grant, key), formatGrant(granted, key)]),
      )
      const metrics = runtime.metrics().filter((metric) => metric.script === info.name)
      noMetrics.hidden = metrics.length > 0
      charts.draw(name, metrics)
      storage.refresh(script)
      waiting.refresh(script)
      setText(
        messages,
        `At most ${formatCount(info.limits.messages)} wait; ${formatCount(info.stats.messagesDropped)} found no room in the last tick.`,
      )
      showTerms(limits, Object.entries(info.limits))
    },
    hide: () => charts.clear(),
  }
}

function table(columns: readonly string[], body: HTMLElement): HTMLElement {
  const head = element('tr', {}, ...columns.map((name) => element('th', { scope: 'col' }, name)))
  return element('table', { class: 'grants' }, element('thead', {}, head), body)
}

/** Formats a part of a grant. A grant that is left out allows everything. */
function formatGrant(grant: Grant | undefined, key: keyof Grant): string {
  if (grant === undefined) return 'everything'
  const part = grant[key]
  if (typeof part === 'boolean') return part ? 'yes' : '–'
  return part === undefined || part.length === 0 ? '–' : part.join(', ')
}

/** Shows rows of text in a table, if they differ from those that it has. */
function showRows(body: HTMLElement, rows: readonly (readonly string[])[]): void {
  const key = JSON.stringify(rows)
  if (body.dataset.rows === key) return
  body.dataset.rows = key
  body.replaceChildren(
    ...rows.map(([name = '', ...cells]) =>
      element('tr', {}, element('th', { scope: 'row', class: 'field' }, name), ...cells.map((cell) => element('td', {}, cell))),
    ),
  )
}

function showTerms(list: HTMLElement, entries: readonly (readonly [string, number])[]): void {
  const key = JSON.stringify(entries)
  if (list.dataset.terms === key) return
  list.dataset.terms = key
  list.replaceChildren(
    ...entries.flatMap(([name, value]) => [element('dt', { class: 'muted' }, name), element('dd', {}, formatCount(value))]),
  )
}

/** Messages that are shown. */
const MAX_MESSAGES = 100
/** Characters that are shown of one. */
const MAX_MESSAGE_LENGTH = 1000

function messagesOf(runtime: WasmScriptRuntime, id: ModInfo['script']): string {
  const all = listMessages(runtime, id)
  const lines = all.slice(0, MAX_MESSAGES).map(({ from, topic, data, id: request }) => {
    const what = topic === undefined ? 'reply' : JSON.stringify(topic)
    const number = request === undefined ? '' : ` (request ${request})`
    return shorten(`${from ?? 'the game'}: ${what}${number} ${JSON.stringify(data)}`, MAX_MESSAGE_LENGTH)
  })
  if (all.length > lines.length) lines.push(`and ${formatCount(all.length - lines.length)} more`)
  return lines.length === 0 ? 'None waits.' : lines.join('\n')
}

function storageOf(runtime: WasmScriptRuntime, id: ModInfo['script']): string {
  const lines = [...runtime.readStorage(id)].map(([key, bytes]) => `${JSON.stringify(key)} = ${textOf(bytes)}`)
  return lines.length === 0 ? 'It keeps nothing.' : lines.join('\n')
}
