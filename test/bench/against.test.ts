import { describe, expect, it } from 'vitest'
import { type Baseline, compareWith, measurementsIn } from './against.ts'

const machine = { node: '24.0.0', processor: 'A' }

describe('the measurements in the data of a suite', () => {
  it('are its medians, lists and numbers, under the names around them', () => {
    const data = {
      times: [
        { program: 'bounce', entities: 1000, median: 4, lower: 3, upper: 5, rounds: 9, ratio: 2 },
        { program: 'bounce', entities: 10_000, median: 5 },
      ],
      scripts: [{ script: 'small', bytes: 12, first: 3, again: [1, 2, 3, 4, 5], reload: { total: 7 }, compileAlone: null }],
      geometricMean: 3,
    }
    expect(measurementsIn('mix', data)).toEqual([
      { row: 'mix, bounce, 1,000 entities', value: 4, spread: 0.5 },
      { row: 'mix, bounce, 10,000 entities', value: 5, spread: Number.NaN },
      { row: 'mix, small, 12 bytes, first', value: 3, spread: Number.NaN },
      { row: 'mix, small, 12 bytes, again', value: 3, spread: 2 / 3 },
      { row: 'mix, small, 12 bytes, reload, total', value: 7, spread: Number.NaN },
    ])
  })

  it('have rows of their own where names are equal', () => {
    const row = { name: 'a tick', median: 1 }
    expect(measurementsIn('mods', [[row], [row]]).map((each) => each.row)).toEqual(['mods, a tick', 'mods, a tick (2)'])
  })
})

describe('a comparison', () => {
  const before: Baseline = {
    machine,
    suites: {
      one: [
        { name: 'same', median: 10, lower: 9, upper: 11 },
        { name: 'gone', median: 1 },
      ],
      unmeasured: [{ name: 'x', median: 1 }],
    },
  }
  const now: Baseline = {
    machine: { ...machine, node: '20.0.0' },
    suites: {
      one: [
        { name: 'same', median: 5, lower: 5, upper: 6.5 },
        { name: 'added', median: 2 },
      ],
    },
  }

  it('has the ratio and the larger spread of each row of the measured suites, and names those that are gone or new', () => {
    const { rows, notes } = compareWith('before.json', before, now)
    expect(rows).toEqual([
      ['one, same', '10.0', '5.00', '0.50×', '30 %'],
      ['one, added', '–', '2.00', 'new', '–'],
      ['one, gone', '1.00', '–', 'gone', '–'],
    ])
    expect(notes).toContain('Before: Node 24.0.0, A. Now: Node 20.0.0, A.')
    expect(compareWith('same.json', now, now).notes).toHaveLength(1)
  })
})
