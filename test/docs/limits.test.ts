import { readFileSync } from 'node:fs'
import { DEFAULT_LIMITS } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { MAX_COMPONENTS } from '../../src/ecs/entities/relating.ts'
import { MAX_EVENT_BYTES, MAX_EVENTS } from '../../src/host/services/event-queue.ts'
import { MAX_KEY_BYTES, MAX_KEYS, MAX_REQUESTS, MAX_SERIES } from '../../src/host/services/service-limits.ts'
import { MAX_OUTPUT_BYTES, MAX_OUTPUTS, MAX_WAITING_BYTES, MAX_WAITING_ITEMS } from '../../src/runtime/jobs/job-state.ts'
import { MAX_COUNTS } from '../../src/wasm/format/bounds.ts'

const page = readFileSync(new URL('../../docs/limits.md', import.meta.url), 'utf8')

/** The numbers in a table of the page, by the text in its first column. `first` is the heading of that column. */
function numbers(first: string): Record<string, number> {
  const [, rows = ''] = page.split(`\n| ${first} `)
  const [table = ''] = rows.split('\n\n')
  const found = [...table.matchAll(/^\| `?([\w ]+?)`? +\| +([\d,]+) +\|/gm)]
  return Object.fromEntries(found.map(([, name, number]) => [name, Number(number?.replaceAll(',', ''))]))
}

describe('the tables in docs/limits.md', () => {
  it('list every limit that can be set, with its default', () => {
    expect(numbers('limit')).toEqual(DEFAULT_LIMITS)
  })

  it('list how many events a script may queue', () => {
    const rows = page.match(/^\| [^|]*events[^|]*\| +[\d,]+ \|/gm) ?? []
    expect(rows.map((row) => Number(row.split('|')[2]?.replaceAll(',', '')))).toEqual([MAX_EVENTS, MAX_EVENT_BYTES])
  })

  it('list how much may wait for a job, and how many of its outputs', () => {
    const rows = page.split('what waits for a job')[1]?.match(/\| +[\d,]+ +\|/g) ?? []
    const expected = [MAX_WAITING_ITEMS, MAX_WAITING_BYTES, MAX_OUTPUTS, MAX_OUTPUT_BYTES]
    expect(rows.slice(0, 4).map((row) => Number(row.replace(/[|, ]/g, '')))).toEqual(expected)
  })

  it('say how many components a world may have for another target of a relation', () => {
    expect(page).toContain(`A world\nthat has ${MAX_COMPONENTS.toLocaleString('en')} components`)
  })

  it('list what a script may have of services', () => {
    expect(Object.values(numbers('what a script has'))).toEqual([MAX_SERIES, MAX_KEYS, MAX_KEY_BYTES, MAX_REQUESTS])
  })

  it('list how many entries of each kind a module may have', () => {
    expect(numbers('what a module has')).toEqual(MAX_COUNTS)
  })
})
