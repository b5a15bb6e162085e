import { describe, expect, it } from 'vitest'
import { copyJson, MAX_JSON_DEPTH, parseJson, writeJson } from '../src/json.ts'

const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`

describe('JSON that crosses the boundary', () => {
  it('nests to a depth that every reader can follow', () => {
    expect(writeJson(parseJson(nested(MAX_JSON_DEPTH)))).toBe(nested(MAX_JSON_DEPTH))
    expect(() => parseJson(nested(MAX_JSON_DEPTH + 1))).toThrow(/deeper than 512 levels/)
    expect(() => writeJson(JSON.parse(nested(MAX_JSON_DEPTH + 1)))).toThrow(RangeError)
    expect(() => copyJson(JSON.parse(nested(400_000)))).toThrow(RangeError)
    expect(() => parseJson('{"a":['.repeat(400_000))).toThrow(RangeError)
  })

  it('may hold any number of brackets side by side, and in strings', () => {
    for (const text of [`[${nested(1).concat(',').repeat(2000)}0]`, JSON.stringify({ text: `\\"${'[{'.repeat(2000)}` })])
      expect(parseJson(text)).toEqual(JSON.parse(text))
  })

  it('is null for undefined', () => {
    expect([writeJson(undefined), copyJson(undefined), copyJson({ a: undefined })]).toEqual(['null', null, {}])
  })
})
