import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { format, formatChanges } from '../../../../demo/editor/wat/format.ts'
import { TEXTS } from '../texts.ts'

const lines = (...all: string[]): string => all.join('\n')

describe('format', () => {
  it.each([...TEXTS])('does not change %s.wat', (_, text) => {
    expect(format(text)).toBe(text)
  })

  it.each([...TEXTS])('restores the indentation of %s.wat from lines without indentation', (_, text) => {
    expect(format(text.replace(/^ +/gm, ''))).toBe(text)
  })

  it('indents by parentheses, one step for a line however many it opens', () => {
    const text = lines('(module', '(func (param i32)', '(call $set (f32.add (f32.const 1)', '(f32.const 2)))', ')', '      )')
    const wanted = ['(module', '  (func (param i32)', '    (call $set (f32.add (f32.const 1)', '      (f32.const 2)))', '  )', ')']
    expect(format(text)).toBe(lines(...wanted))
  })

  it('ignores parentheses in strings', () => {
    const text = lines('(module', '(data "((\\"(" "\\\\")', '(memory 1))')
    expect(format(text)).toBe(lines('(module', '  (data "((\\"(" "\\\\")', '  (memory 1))'))
  })

  it('ignores parentheses in line comments', () => {
    expect(format(lines('(module ;; ((( "', ';; ) is nothing', '(memory 1))'))).toBe(
      lines('(module ;; ((( "', '  ;; ) is nothing', '  (memory 1))'),
    )
  })

  it('does not change block comments, nested ones included', () => {
    const text = lines('(module', '(; a ( (; b', ' picture  ', '\t;) still ;; in', ';) (memory 1)', '(table 1 funcref))')
    expect(format(text)).toBe(lines('(module', '  (; a ( (; b', ' picture  ', '\t;) still ;; in', ';) (memory 1)', '  (table 1 funcref))'))
  })

  it('indents blocks without parentheses', () => {
    const text = lines(
      '(func $f',
      'block $done',
      'loop $next',
      'local.get 0',
      'if (result i32)',
      'i32.const 1',
      'else',
      'i32.const 2',
      'end',
      'br_if $next',
      'end end',
      'nop)',
    )
    const wanted = lines(
      '(func $f',
      '  block $done',
      '    loop $next',
      '      local.get 0',
      '      if (result i32)',
      '        i32.const 1',
      '      else',
      '        i32.const 2',
      '      end',
      '      br_if $next',
      '  end end',
      '  nop)',
    )
    expect(format(text)).toBe(wanted)
    expect(format(wanted)).toBe(wanted)
  })

  it('removes white space at the ends of lines, and keeps line ends and the end of the text', () => {
    expect(format('(module  \r\n\t \r\n\t(memory 1)\t\r\n)\r\n\n')).toBe('(module\r\n\r\n  (memory 1)\r\n)\r\n\n')
  })

  it('tolerates unbalanced parentheses', () => {
    expect(format(lines('(module', '(func', '(nop)'))).toBe(lines('(module', '  (func', '    (nop)'))
    expect(format(lines(')', '))', '(module)'))).toBe(lines(')', '))', '(module)'))
  })

  it('makes the smallest changes, so that a caret does not move', () => {
    expect(formatChanges('(a\n (b)\n      (c))')).toEqual([
      { from: 3, to: 3, insert: ' ' },
      { from: 8, to: 12, insert: '' },
    ])
  })

  it('changes only white space at the beginning and the end of lines, and nothing the second time', () => {
    const token = fc.constantFrom(
      '(',
      ')',
      '(;',
      ';)',
      ';;',
      '"',
      '\\',
      ' ',
      '\t',
      '\n',
      '\r\n',
      'block',
      'if',
      'else',
      'end',
      '$a',
      '1',
      ';',
    )
    fc.assert(
      fc.property(fc.array(token, { maxLength: 60 }), (tokens) => {
        const text = tokens.join('')
        const once = format(text)
        const trimmed = (whole: string): string[] => whole.split('\n').map((line) => line.replace(/^[ \t]+|[ \t]+(?=\r?$)/g, ''))
        expect(trimmed(once)).toEqual(trimmed(text))
        expect(format(once)).toBe(once)
      }),
      { numRuns: 3000 },
    )
  })
})
