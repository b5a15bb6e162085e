import { findOwnState, type OwnState, type ScriptSource } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { component } from '../../fixtures/component.ts'
import { codeOf } from '../../fixtures/game.ts'
import { plugin } from '../../fixtures/plugin.ts'

async function found(source: ScriptSource): Promise<string[]> {
  return (await findOwnState(source)).map(summary)
}

function summary({ kind, message, function: name, location }: OwnState): string {
  const at = location === undefined ? '' : ` at ${location.line}:${location.column}`
  return `${kind}: ${message.split(/ (?:changes|writes|draws|makes|queues|uses|keeps|asks|wait|run)\b/)[0]}${name === undefined ? '' : ` in ${name}`}${at}`
}

describe('findOwnState', () => {
  it('finds nothing in a script that keeps all it has in components', async () => {
    const mover = `(module (import "ecs.get" "Position.x" (func $get (param i32) (result f32))) (import "ecs.set" "Position.x" (func $set (param i32 f32)))
      (import "ecs" "random" (func $random (param i32) (result f64))) (import "math" "sin" (func $sin (param f64) (result f64)))
      (import "host" "tick" (func $tick (result i32))) (import "ecs.add" "Dead" (func $add (param i32))) (import "ecs" "despawn" (func $despawn (param i32)))
      (import "host" "log" (func $log (param i32 i32))) (memory (export "memory") 1) (global $speed i32 (i32.const 4))
      (func (export "update") (param $e i32) (param f32) (call $set (local.get $e) (f32.load (call $tick)))
        (call $set (local.get $e) (f32.demote_f64 (call $sin (call $random (local.get $e))))) (call $add (local.get $e)) (call $despawn (local.get $e))))`
    expect(await found(mover)).toEqual([])
  })

  it('finds globals, memory and tables that change, each once, at its place', async () => {
    const script = `(module (memory (export "memory") 1) (table $t 2 funcref) (elem declare func $f)
  (global $n (mut i32) (i32.const 0)) (global $m (mut i32) (i32.const 0))
  (func $f)
  (func $count (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.set $n (i32.const 2)))
  (func (export "tick") (param f32)
    (call $count)
    (i32.store (i32.const 0) (i32.const 1))
    (memory.fill (i32.const 0) (i32.const 0) (i32.const 4))
    (table.set $t (i32.const 0) (ref.func $f))))`
    expect(await found(script)).toEqual(['global: the global $n in count at 4:17', 'memory: it in tick at 7:6', 'table: it in tick at 9:6'])
  })

  it.each([
    '(i32.store8 (i32.const 0) (i32.const 1))',
    '(v128.store (i32.const 0) (v128.const i32x4 0 0 0 0))',
    '(v128.store8_lane 0 (i32.const 0) (v128.const i32x4 0 0 0 0))',
    '(memory.copy (i32.const 0) (i32.const 1) (i32.const 1))',
    '(memory.init $d (i32.const 0) (i32.const 0) (i32.const 1))',
    '(drop (memory.grow (i32.const 1)))',
  ])('finds %s', async (code) => {
    expect(await found(`(module (memory 1) (data $d "1") (func (export "tick") (param f32) ${code}))`)).toEqual([
      expect.stringMatching(/^memory: it in tick at 1:/),
    ])
  })

  it('leaves out what only init changes, and what passes a state', async () => {
    const script = `(module (memory (export "memory") 1) (global $n (mut i32) (i32.const 0))
      (func (export "init") (global.set $n (i32.const 1)))
      (func (export "alloc") (param i32) (result i32) (i32.store (i32.const 0) (i32.const 1)) (i32.const 0))
      (func (export "get_state") (result i32 i32) (i32.store (i32.const 0) (i32.const 1)) (i32.const 0) (i32.const 1))
      (func (export "tick") (param f32)))`
    expect(await found(script)).toEqual([])
  })

  it('finds what is reached through a table', async () => {
    const script = `(module (import "host" "random" (func $random (result f64))) (table 2 funcref) (elem (i32.const 0) $write $random)
      (global $n (mut i32) (i32.const 0)) (func $write (global.set $n (i32.const 1)))
      (func (export "tick") (param f32) (call_indirect (i32.const 0))))`
    expect(await found(script)).toEqual(['global: the global $n in write at 2:57', 'random: host.random'])
  })

  it('finds imports that a client cannot repeat, and exports that wait for ticks', async () => {
    const script = `(module (import "host" "random" (func $random (result f64))) (import "ecs" "spawn" (func $spawn (result i32)))
      (import "emit" "hit" (func $hit)) (import "ecs.target" "ChildOf" (func $target (param i32) (result i32))) (import "ecs" "attach" (func $attach (param i32)))
      (import "storage" "used" (func $used (result i32))) (import "ecs.detach" "other" (func $unused (param i32)))
      (memory (export "memory") 1)
      (func (export "handle_message") (param i32 i32)) (func (export "job_chunk") (param i32 i32))
      (func (export "tick") (param f32)
        (drop (call $random)) (drop (call $spawn)) (call $hit) (drop (call $target (i32.const 1))) (call $attach (i32.const 1)) (drop (call $used))))`
    expect((await found(script)).map((each) => each.replace(/ at .*/, ''))).toEqual([
      'message: messages',
      'job: jobs',
      'random: host.random in tick',
      'spawn: ecs.spawn in tick',
      'event: emit.hit in tick',
      'relation: ecs.target.ChildOf in tick',
      'attachment: ecs.attach in tick',
      'storage: storage.used in tick',
    ])
  })

  it('does not take a stack pointer for state', async () => {
    const script = `(module (memory 2) (global $__stack_pointer (mut i32) (i32.const 65536))
      (func (export "tick") (param f32) (local i32) (global.set $__stack_pointer (local.tee 1 (i32.sub (global.get $__stack_pointer) (i32.const 16))))
        (global.set $__stack_pointer (i32.add (local.get 1) (i32.const 16)))))`
    expect(await found(script)).toEqual([])
  })

  it('looks into plugins and components', async () => {
    const keeps = plugin(
      '(global $n (mut i32) (i32.const 0)) (func (export "run") (result i32) (global.set $n (i32.const 1)) (i32.const 0))',
    )
    expect(await found(keeps)).toContainEqual(expect.stringMatching(/^global: the global \$n in run/))
    const core = `(module (import "bitscript:game/math" "random" (func $random (result f64))) (global $n (mut i32) (i32.const 0))
      (func (export "tick") (param f32) (global.set $n (i32.const 1)) (drop (call $random))))`
    const made = await component('import bitscript:game/math; export tick: func(dt: f32);', core)
    expect((await findOwnState(made)).map(({ kind }) => kind)).toEqual(['random', 'global'])
  })

  it('shows the lines around a place, and rejects what cannot be described', async () => {
    const [first] = await findOwnState(
      '(module (memory 1)\n  (func (export "tick") (param f32)\n    (i32.store (i32.const 0) (i32.const 1))))',
    )
    expect(first?.frame).toContain('(i32.store (i32.const 0)')
    expect(await codeOf(findOwnState('(module (func (export "tick")))'))).toBe('SignatureMismatch')
  })
})
