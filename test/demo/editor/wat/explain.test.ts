import { describe, expect, it } from 'vitest'
import { watAssistance } from '../../../../demo/editor/wat/assistance.ts'
import { TEXTS } from '../texts.ts'
import { WORDS } from '../words.ts'

const wat = watAssistance(() => WORDS)
const TEXT = `(module
  (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
  (import "ecs.query" "Position !Dead" (func $found (result i32)))
  ;; Pixels a second.
  (global $speed (mut f32) (f32.const 60))
  ;; Turns an entity
  ;; towards the player.
  (func $turn (param $eid i32) (result f32)
    (local $dx f32)
    (block $out (br_if $out (i32.const 1)))
    (local.set $dx (call $x (local.get $eid)))
    (memory.grow (i32.const 1)))
  (func (export "on_hurt") (call $turn))
  (func (export "update") (param $eid i32) (param $dt f32)))`

/** Returns the explanation of the word after a part of the text. */
function explained(part: string) {
  const at = TEXT.indexOf(part) + part.length
  const { title, text, fuel } = wat.explain(TEXT, at) ?? {}
  return [title, text, ...(fuel === undefined ? [] : [fuel])]
}

describe('an explanation in WAT', () => {
  it('of an instruction has its type, meaning and fuel', () => {
    expect(explained('(memory.gr')).toEqual([
      'memory.grow: i32 → i32',
      'add so many pages; the number before, or -1 past the limit',
      '1 + 800, and 5,000 for each page',
    ])
    expect(explained('(br')).toEqual(['br_if $label: … i32 → …', 'the same if the number is not 0', '1'])
  })

  it('of a name has its definition and the comment above it', () => {
    expect(explained('(call $tu')).toEqual(['func $turn (param $eid i32) (result f32)', 'Turns an entity towards the player'])
    expect(explained('(local.set $d')).toEqual(['local $dx f32', ''])
    expect(explained('(global $sp')).toEqual(['global $speed (mut f32) (f32.const 60)', 'Pixels a second'])
    expect(explained('(br_if $o')).toEqual(['block $out', ''])
  })

  it('of an import, and of a name that is one, has its type, meaning and fuel', () => {
    const x = ['read a field of an entity; the field is f32', '1']
    expect(explained('"ecs.get" "Pos')).toEqual(['ecs.get Position.x (param i32) (result f32)', ...x])
    expect(explained('(call $x')).toEqual(['func $x (param i32) (result f32)', `ecs.get Position.x: ${x[0]}`, '1'])
    expect(explained('"Position !D')).toEqual([
      'ecs.query Position !Dead (result i32)',
      'run the query, return how many entities match',
      '1 + 20',
    ])
  })

  it('of an export says when it is called', () => {
    expect(explained('(export "upd')[1]).toBe('Called each tick, for every entity the script runs on')
    expect(explained('(export "on_h')[1]).toBe('Called for each queued event of that name, in the next tick')
  })

  it('of a form or a type says what it is; spaces, parentheses and unknown words have none', () => {
    expect(explained('(mod')).toEqual(['module', 'the script'])
    expect(explained('(param $eid i3')).toEqual(['i32', 'an integer of 32 bits; an entity is one'])
    expect(wat.explain('( module', 0)).toBeUndefined()
    expect(wat.explain('(module (func (call $none)))', 21)).toBeUndefined()
    expect(wat.explain(';; f32.add', 6)).toBeUndefined()
  })
})

describe('a definition', () => {
  const defined = (marked: string): string | undefined => {
    const found = wat.define(marked.replace('|', ''), marked.indexOf('|'))
    return found === undefined ? undefined : marked.replace('|', '').slice(found.from, found.from + 12)
  }

  it('is found in the scope of the name, and in the space of its instruction', () => {
    const text = (code: string): string =>
      `(module (func $a (param $a i32) (local $b i32) ${code}) (func $b (param $c i32)) (global $c i32 (i32.const 0)))`
    expect(defined(text('(call $|a)'))).toBe('$a (param $a')
    expect(defined(text('(local.get $|a)'))).toBe('$a i32) (loc')
    expect(defined(text('(call $b|)'))).toBe('$b (param $c')
    expect(defined(text('(global.get $c|)'))).toBe('$c i32 (i32.')
    expect(defined(text('(local.get $c|)'))).toBeUndefined()
    expect(defined(text('(block $a (block $a (br $|a)) (nop))'))).toBe('$a (br $a)) ')
    expect(defined(text('i32.const 1 if $l br $l| end'))).toBe('$l br $l end')
  })

  it.each([...TEXTS])('is found for every name in %s.wat', (_, text) => {
    const names = [...text.replace(/;;.*/g, (comment) => ' '.repeat(comment.length)).matchAll(/\$[\w.]+/g)]
    expect(names.filter(({ index }) => wat.define(text, index + 1) === undefined).map(([name]) => name)).toEqual([])
  })
})

describe('folding', () => {
  /** Returns the text with the range that is folded at a line replaced by an ellipsis. */
  const folded = (text: string, line: number): string | undefined => {
    const from =
      text
        .split('\n')
        .slice(0, line - 1)
        .join('\n').length + (line === 1 ? 0 : 1)
    const to = text.indexOf('\n', from) < 0 ? text.length : text.indexOf('\n', from)
    const range = wat.fold(text, from, to)
    return range === undefined ? undefined : `${text.slice(0, range.from)}…${text.slice(range.to)}`
  }

  it('hides a form from the end of its first line to its last parenthesis', () => {
    expect(folded('(module\n  (func\n    nop))', 2)).toBe('(module\n  (func…))')
    expect(folded('(module\n  (func\n    nop))', 1)).toBe('(module…)')
    expect(folded('(func\n  block $a\n    nop\n  end)', 2)).toBe('(func\n  block $a…end)')
    expect(folded('(; a\n b ;)', 1)).toBe('(; a…;)')
    expect(folded('(module (func)\n)', 1)).toBe('(module (func)…)')
    expect(folded('(module\n(func', 1)).toBeUndefined()
  })
})
