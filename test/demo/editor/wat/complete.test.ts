import { describe, expect, it } from 'vitest'
import { watAssistance } from '../../../../demo/editor/wat/assistance.ts'
import { WORDS } from '../words.ts'

const wat = watAssistance(() => WORDS)

/** Returns the proposals at the sign `|` of a text. */
function at(marked: string) {
  return wat.complete(marked.replace('|', ''), marked.indexOf('|'))
}
const labels = (marked: string): string[] => at(marked)?.words.map(({ label }) => label) ?? []
function proposal(marked: string, label: string) {
  return at(marked)?.words.find((each) => each.label === label)
}

describe('completion of WAT proposes', () => {
  it('instructions with their types, meanings and fuel', () => {
    const found = proposal('(module (func (f32.a|', 'f32.add')
    expect(found).toMatchObject({
      detail: 'f32 f32 → f32',
      explanation: { title: 'f32.add: f32 f32 → f32', text: 'the sum', fuel: '1' },
    })
    expect(labels('(module (func (result i32) i32.const 1 i32.|')).toContain('i32.eqz')
    expect(labels('(module (func (drop (|')).toContain('i32.const')
    expect(labels('(module (global $a i32 (|')).toEqual(expect.arrayContaining(['mut', 'i32.const']))
    expect(labels('(module (global $a i32 (|')).not.toContain('i32.add')
  })

  it('the forms of a module, of a function and of a condition, each in its place', () => {
    expect(labels('(|')).toEqual(['module'])
    expect(labels('(module (|')).toEqual(expect.arrayContaining(['func', 'import', 'global']))
    expect(labels('(module (|')).not.toContain('f32.add')
    expect(labels('(module (func $a (|')).toEqual(expect.arrayContaining(['param', 'local', 'f32.add']))
    expect(labels('(module (func (if (i32.const 1) (|')).toEqual(expect.arrayContaining(['then', 'else']))
    expect(labels('(module (func (param |')).toEqual(['i32', 'i64', 'f32', 'f64', 'v128', 'funcref', 'externref'])
  })

  it('the names in scope, each where its kind fits', () => {
    const text = `(module
      (func $spawn (import "ecs" "spawn") (result i32))
      (global $speed (mut f32) (f32.const 1))
      (func $one (param $a i32) (local $b f32) HERE)
      (func $two (param $c i32)))`
    const names = (code: string): string[] => labels(text.replace('HERE', code))
    expect(names('(local.get $|)')).toEqual(['$a', '$b'])
    expect(names('local.get |')).toEqual(['$a', '$b'])
    expect(names('(call $|)')).toEqual(['$spawn', '$one', '$two'])
    expect(names('(global.set $s|)')).toEqual(['$speed'])
    expect(names('(block $out (loop $again (br $|)))')).toEqual(['$again', '$out'])
    expect(names('(block $out) (br $|)')).toEqual([])
    expect(names('block $out loop $again br_if $| end end')).toEqual(['$again', '$out'])
    expect(proposal(text.replace('HERE', '(call $|)'), '$spawn')?.detail).toBe('(result i32)')
    expect(proposal(text.replace('HERE', '(local.get $|)'), '$b')?.detail).toBe('f32')
  })

  it('import modules, and the names of each in the running game', () => {
    expect(labels('(module (import "|')).toEqual(expect.arrayContaining(['ecs', 'ecs.get', 'ecs.query', 'host', 'math', 'audio', 'emit']))
    expect(labels('(module (import "ecs.get" "|"))')).toEqual(['Position.x', 'Position.y', 'Health.points'])
    expect(labels('(module (import "ecs.has" "|"))')).toEqual(['Position', 'Health', 'Dead'])
    expect(labels('(module (import "emit" "|"))')).toEqual(['hurt'])
    expect(labels('(module (import "audio" "|"))')).toEqual(['play', 'stop'])
    expect(labels('(module (import "ecs.target" "|"))')).toEqual(['Follows'])
    expect(labels('(module (import "ecs.attach" "|"))')).toEqual(['drift'])
    expect(labels('(module (import "ecs.query" "Position !D|"))')).toEqual(expect.arrayContaining(['!Dead', 'Health']))
    expect(at('(module (import "ecs.query" "Position !D|"))')?.from).toBe('(module (import "ecs.query" "Position '.length)
    expect(labels('(module (import "ecs.query" "Position" (func $q)) (import "ecs.entity" "|"))')).toContain('Position')
    expect(proposal('(module (import "ecs.get" "|"))', 'Health.points')).toMatchObject({
      detail: '(param i32) (result i32)',
      explanation: { text: 'read a field of an entity; the field is u16', fuel: '1 + 14' },
    })
  })

  it('the function of an import together with its name, unless one follows', () => {
    const finish = (marked: string, label: string) =>
      proposal(marked, label)?.finish?.(marked.slice(marked.indexOf('|') + 1).split('\n')[0] as string)
    expect(finish('(module (import "ecs.set" "|")', 'Position.x')).toEqual({
      insert: 'Position.x" (func $set_position_x (param i32 f32)))',
      skip: 2,
    })
    expect(finish('(module (import "ecs.get" "|', 'Position.x')?.insert).toBe('Position.x" (func $position_x (param i32) (result f32)))')
    expect(finish('(module (func $position_x) (import "ecs.get" "|"', 'Position.x')?.insert).toContain('$position_x_2 ')
    expect(finish('(module (import "ecs.get" "|" (func $x (param i32) (result f32)))', 'Position.x')).toEqual({
      insert: 'Position.x',
      skip: 0,
    })
    expect(finish('(module (import "audio" "|")', 'play')?.insert).toBe('play" (func $audio_play (param i32)))')
    expect(finish('(module (import "audio" "|")', 'stop')).toEqual({ insert: 'stop', skip: 0 })
  })

  it('the exports that the runtime calls, and handlers of the events of the game', () => {
    expect(labels('(module (func (export "|"))')).toEqual(expect.arrayContaining(['update', 'tick', 'on_attach', 'on_hurt']))
    expect(proposal('(module (func (export "|"))', 'update')?.explanation).toEqual({
      title: 'update: (param i32 f32), or (param i32 f64)',
      text: 'Called each tick, for every entity the script runs on',
    })
  })

  it('nothing in comments, in other strings, and after numbers', () => {
    for (const marked of [';; f32.a|', '(; f32.a|', '(; f32.a| ;)', '(module (data "f32.a|"', '(module (func (i32.const 1|'])
      expect(labels(marked)).toEqual([])
  })
})
