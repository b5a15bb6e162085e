import { readFileSync } from 'node:fs'
import { DEFAULT_LIMITS, PRICES } from 'bitscript'
import { describe, expect, it } from 'vitest'
import {
  FRAME_SHIFT,
  MANY_LOCALS,
  MANY_PASSED,
  MANY_PASSED_PER_UNIT,
  MATH_PRICES,
  MEMORY_BYTES_SHIFT,
  MOVES_PER_UNIT,
  PASSED_PER_UNIT,
  TABLE_ELEMENT_SHIFT,
  TABLE_GROW_SHIFT,
} from '../../src/abi/prices.ts'

const page = readFileSync(new URL('../../docs/fuel.md', import.meta.url), 'utf8')

/** The units in a table of the page, by the name in its first column. `first` is the heading of that column. */
function units(first: string): Record<string, string> {
  const [, rows = ''] = page.split(`\n| ${first} `)
  const [table = ''] = rows.split('\n\n')
  return Object.fromEntries([...table.matchAll(/^\| `(\w+)` +\| +([\d/]+) +\|/gm)].map(([, name, amount]) => [name, amount]))
}

const asText = (prices: Readonly<Record<string, number>>): Record<string, string> =>
  Object.fromEntries(Object.entries(prices).map(([name, price]) => [name, String(price)]))

describe('the tables in docs/fuel.md', () => {
  it('list every price', () => {
    expect(units('price')).toEqual(asText(PRICES))
  })

  it('list the price of every function of math', () => {
    expect(units('function')).toEqual(asText(MATH_PRICES))
  })

  it('list every rate', () => {
    expect(units('rate')).toEqual({
      MEMORY_BYTES: `1/${1 << MEMORY_BYTES_SHIFT}`,
      TABLE_ELEMENT: String(1 << TABLE_ELEMENT_SHIFT),
      TABLE_GROW: String(1 << TABLE_GROW_SHIFT),
      FRAME: String(1 << FRAME_SHIFT),
      MOVES: `1/${MOVES_PER_UNIT}`,
      PASSED: `1/${PASSED_PER_UNIT}`,
      MANY_PASSED: `1/${MANY_PASSED_PER_UNIT}`,
      MANY_LOCALS: '1',
    })
    expect(page).toContain(`that has ${MANY_PASSED} or more`)
    expect(page).toContain(`that has ${MANY_LOCALS} or more`)
  })

  it('and its text name the same numbers', () => {
    for (const [number, unit] of [
      [DEFAULT_LIMITS.fuel, 'units'],
      [PRICES.fault, 'units'],
      [PRICES.instance, 'units'],
      [PRICES.entry, 'units'],
    ] as const) {
      expect(page).toContain(`${number.toLocaleString('en')} ${unit}`)
    }
  })
})
