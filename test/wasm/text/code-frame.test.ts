import { describe, expect, it } from 'vitest'
import { codeFrame } from '../../../src/wasm/text/code-frame.ts'

const frame = (text: string, line: number, column: number): string[] => codeFrame(text, { file: 'script.wat', line, column }).split('\n')
const FIVE = 'one\ntwo\nthree\nfour\nfive\nsix'

describe('codeFrame', () => {
  it('shows the line with two lines around it and a caret under the column', () => {
    expect(frame(FIVE, 3, 4)).toEqual(['  1 | one', '  2 | two', '> 3 | three', '    |    ^', '  4 | four', '  5 | five'])
  })

  it('starts at the first line', () => {
    expect(frame(FIVE, 1, 1)).toEqual(['> 1 | one', '    | ^', '  2 | two', '  3 | three'])
  })

  it('ends at the last line', () => {
    expect(frame(FIVE, 6, 3)).toEqual(['  4 | four', '  5 | five', '> 6 | six', '    |   ^'])
  })

  it('shows a text of one line', () => {
    expect(frame('one', 1, 1)).toEqual(['> 1 | one', '    | ^'])
    expect(frame('', 1, 1)).toEqual(['> 1 |', '    | ^'])
  })

  it('puts the caret after the line if the column is beyond its end', () => {
    expect(frame('one', 1, 4)).toEqual(['> 1 | one', '    |    ^'])
  })

  it('aligns line numbers of different length', () => {
    const text = Array.from({ length: 12 }, (_, index) => `line ${index + 1}`).join('\n')
    expect(frame(text, 9, 1)).toEqual(['   7 | line 7', '   8 | line 8', '>  9 | line 9', '     | ^', '  10 | line 10', '  11 | line 11'])
  })

  it('keeps tabs before the caret, so that it is aligned at any tab width', () => {
    expect(frame('\tab\tcd', 1, 5)).toEqual(['> 1 | \tab\tcd', '    | \t  \t^'])
  })

  it('writes empty lines without a trailing space', () => {
    expect(frame('one\n\nthree', 1, 1)).toEqual(['> 1 | one', '    | ^', '  2 |', '  3 | three'])
  })

  it('reads CRLF as one line break', () => {
    expect(frame('one\r\ntwo\r\nthree\r\n', 2, 2)).toEqual(['  1 | one', '> 2 | two', '    |  ^', '  3 | three', '  4 |'])
  })

  it('counts characters, not bytes', () => {
    expect(frame('(; größe 日本 ;) bad', 1, 16)).toEqual(['> 1 | (; größe 日本 ;) bad', '    |                ^'])
  })

  it('cuts the end of a very long line', () => {
    const long = `${'a'.repeat(159)}B${'c'.repeat(1000)}`
    expect(frame(long, 1, 160)).toEqual([`> 1 | ${'a'.repeat(159)}B`, `    | ${' '.repeat(159)}^`])
  })

  it('cuts both ends of a very long line if the column is far from its start', () => {
    const long = `${'a'.repeat(5000)}B${'c'.repeat(5000)}`
    const [line = '', caret = ''] = frame(long, 1, 5001)
    expect(line).toHaveLength(6 + 160)
    expect(line[caret.indexOf('^')]).toBe('B')
    const [nearest = '', under = ''] = frame(`${'a'.repeat(160)}B${'c'.repeat(160)}`, 1, 161)
    expect(nearest[under.indexOf('^')]).toBe('B')
  })

  it('cuts the lines around it, too', () => {
    const [before = '', line, caret, behind = ''] = frame(`${'a'.repeat(5000)}\nshort\n${'b'.repeat(5000)}`, 2, 5)
    expect([before, line, caret, behind]).toEqual([`  1 | ${'a'.repeat(160)}`, '> 2 | short', '    |     ^', `  3 | ${'b'.repeat(160)}`])
  })
})
