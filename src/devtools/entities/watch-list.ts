import { describeEntity, listComponents, type WasmScriptRuntime } from '../../index.ts'
import { button, element } from '../elements/element.ts'
import { formatValue } from '../elements/format-number.ts'
import { type Chart, createChart } from '../time/chart.ts'
import { CHART_TICKS } from '../time/tick-meter.ts'
import type { EntityRow } from './entity-rows.ts'

/** Fields that are charted at once. Further ones replace the first. */
const MAX_WATCHED = 8

/** A field of an entity. */
export type WatchedField = Omit<EntityRow, 'field' | 'values'> & { readonly field: string }

/** Charts of fields over the last ticks. */
export interface WatchList {
  readonly element: HTMLElement
  has(field: WatchedField): boolean
  /** Adds a field, or removes it. */
  toggle(field: WatchedField): void
  draw(): void
  /** Removes the charts from the page, which are drawn again by `draw`. The fields are read on. */
  hide(): void
  /** Stops reading. `draw` begins anew, with the same fields. */
  stop(): void
}

interface Watched {
  readonly field: WatchedField
  readonly values: (number | null)[]
  readonly place: HTMLElement
  chart: Chart | undefined
}

/** Creates a list without fields. It reads its fields after each tick. */
export function createWatchList(runtime: WasmScriptRuntime, onChange: () => void): WatchList {
  const watched = new Map<string, Watched>()
  const charts = element('div', { class: 'charts' })
  const view = element('div', { hidden: true }, element('h2', {}, 'Watched'), charts)
  let off: (() => void) | undefined

  function read(): void {
    for (const { field, values } of watched.values()) {
      values.shift()
      values.push(valueOfField(runtime, field))
    }
  }

  function remove(key: string): void {
    const entry = watched.get(key)
    entry?.chart?.dispose()
    entry?.place.remove()
    watched.delete(key)
    if (watched.size === 0) stop()
    view.hidden = watched.size === 0
    onChange()
  }

  function add(key: string, field: WatchedField): void {
    const [first] = watched.keys()
    if (watched.size >= MAX_WATCHED && first !== undefined) remove(first)
    const label = labelOf(field)
    const place = element(
      'div',
      { class: 'watched' },
      button('✕', () => remove(key), { 'aria-label': `Stop the chart of ${label}` }),
    )
    charts.append(place)
    watched.set(key, { field, values: [...emptyValues().slice(1), valueOfField(runtime, field)], place, chart: undefined })
    view.hidden = false
    draw()
    onChange()
  }

  function draw(): void {
    if (watched.size === 0) return
    off ??= runtime.on('tick', read)
    for (const entry of watched.values()) {
      entry.chart ??= createChart(entry.place, { label: labelOf(entry.field), colour: '--chart-ms', range: 'fitted', format: formatValue })
      entry.chart.draw(entry.values)
    }
  }

  function stop(): void {
    off?.()
    off = undefined
    for (const { values } of watched.values()) values.fill(null)
  }

  return {
    element: view,
    has: (field) => watched.has(keyOf(field)),
    toggle(field) {
      const key = keyOf(field)
      if (watched.has(key)) remove(key)
      else add(key, field)
    },
    draw() {
      if (watched.size === 0) return
      off ??= runtime.on('tick', read)
      for (const entry of watched.values()) {
        entry.chart ??= createChart(entry.place, {
          label: labelOf(entry.field),
          colour: '--chart-ms',
          range: 'fitted',
          format: formatValue,
        })
        entry.chart.draw(entry.values)
      }
    },
    hide() {
      for (const entry of watched.values()) {
        entry.chart?.dispose()
        entry.chart = undefined
      }
    },
    stop,
  }
}

function emptyValues(): (number | null)[] {
  return new Array<number | null>(CHART_TICKS).fill(null)
}

/** Returns the value of a field; `null` if the entity no longer exists or has no such field. */
function valueOfField(runtime: WasmScriptRuntime, { entity, version, component, field }: WatchedField): number | null {
  if (runtime.version(entity) !== version) return null
  const all = listComponents(runtime)
  const known = Object.hasOwn(all, component) ? { [component]: all[component] as object } : {}
  const value = describeEntity(runtime.world, known, entity, component.includes('(') ? runtime.relations : {})?.[component]?.[field]
  return value === undefined || !Number.isFinite(value) ? null : value
}

function keyOf({ entity, version, component, field }: WatchedField): string {
  return JSON.stringify([entity, version, component, field])
}

function labelOf({ entity, component, field }: WatchedField): string {
  return `${component}.${field} of ${entity}`
}
