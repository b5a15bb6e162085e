import { addEntity } from 'bitecs'
import { describe, expect, it } from 'vitest'
import { codeOf, createGame, errorOf } from '../fixtures/game.ts'

/** Bytes of stack, and of the frame of each function: 32 frames fit. */
const STACK = 4096

/** What clang makes of functions with an array on the stack: they lower the pointer, and raise it before they return. */
const compiled = (global: string): string => `(module (memory (export "memory") 1)
  ${global}
  (func $frame (param $trap i32) (result i32) (local $base i32)
    (global.set $sp (local.tee $base (i32.sub (global.get $sp) (i32.const 128))))
    (i32.store (local.get $base) (i32.const 7))
    (if (local.get $trap) (then unreachable))
    (i32.load (local.get $base))
    (global.set $sp (i32.add (local.get $base) (i32.const 128))))
  (func (export "update") (param $eid i32) (param $dt f32) (drop (call $frame (i32.and (local.get $eid) (i32.const 1)))))
  (func (export "frame") (param i32) (result i32) (call $frame (local.get 0)))
  (func (export "spin") (local $base i32)
    (global.set $sp (local.tee $base (i32.sub (global.get $sp) (i32.const 128))))
    (i32.store (local.get $base) (i32.const 7))
    (loop (br 0))
    (global.set $sp (i32.add (local.get $base) (i32.const 128))))
  (func (export "pointer") (result i32) (global.get $sp)))`

describe.each([
  ['exported', `(global $sp (export "__stack_pointer") (mut i32) (i32.const ${STACK}))`],
  ['without a name', `(global $sp (mut i32) (i32.const ${STACK}))`],
  [
    'after other globals without names',
    `(global (mut i32) (i32.const 1)) (global i32 (i32.const 5000)) (global $sp (mut i32) (i32.const ${STACK}))`,
  ],
])('a stack pointer %s', (_, global) => {
  it('is put back when update traps: of 60 entities, 30 are at fault', async () => {
    const { world, runtime, errors } = await createGame()
    const script = await runtime.loadModule(compiled(global), { onFault: 'detach' })
    for (let entity = 0; entity < 60; entity++) runtime.attach(addEntity(world), script)
    runtime.tick(1)
    expect(errors).toHaveLength(30)
    runtime.tick(1)
    expect(errors).toHaveLength(30)
    expect(runtime.call(script, 'pointer')).toBe(STACK)
  })

  it('is put back when a call traps or spends its fuel', async () => {
    const { runtime } = await createGame()
    const script = await runtime.loadModule(compiled(global), { limits: { fuel: 1000 } })
    for (let round = 0; round < 40; round++) {
      expect(await codeOf(() => runtime.call(script, 'frame', 1))).toBe('Trap')
      expect(await codeOf(() => runtime.call(script, 'spin'))).toBe('OutOfFuel')
    }
    expect(runtime.call(script, 'frame', 0)).toBe(7)
    expect(runtime.call(script, 'pointer')).toBe(STACK)
  })

  it('is carried over a reload as it was before the trap', async () => {
    const { runtime } = await createGame()
    const code = compiled(global)
    const script = await runtime.loadModule(code)
    for (let round = 0; round < 10; round++) await codeOf(() => runtime.call(script, 'frame', 1))
    await runtime.reloadModule(script, code.replace('(i32.const 7)', '(i32.const 8)'), { preserve: 'auto' })
    expect(runtime.call(script, 'pointer')).toBe(STACK)
    expect(runtime.call(script, 'frame', 0)).toBe(8)
  })
})

it('is put back when a host function throws, in the script and in a script that it called', async () => {
  const outer = `(module (import "game" "call" (func $call)) (memory (export "memory") 1)
    (global $sp (mut i32) (i32.const ${STACK}))
    (func (export "run") (local $base i32)
      (global.set $sp (local.tee $base (i32.sub (global.get $sp) (i32.const 128))))
      (call $call)
      (global.set $sp (i32.add (local.get $base) (i32.const 128))))
    (func (export "pointer") (result i32) (global.get $sp)))`
  let inner: (() => void) | undefined
  const { runtime } = await createGame({ host: { game: { call: () => inner?.() } } })
  const callee = await runtime.loadModule(compiled(`(global $sp (mut i32) (i32.const ${STACK}))`), { name: 'callee' })
  const caller = await runtime.loadModule(outer, { name: 'caller' })
  inner = () => runtime.call(callee, 'frame', 1)
  const error = await errorOf(() => runtime.call(caller, 'run'))
  expect(error.code).toBe('HostError')
  expect([runtime.call(caller, 'pointer'), runtime.call(callee, 'pointer')]).toEqual([STACK, STACK])
})

it('is not taken for one where a script counts down: what a trap leaves there stays', async () => {
  const { runtime } = await createGame()
  const script = await runtime.loadModule(`(module (global $left (mut i32) (i32.const 5000))
    (func (export "shoot") (global.set $left (i32.sub (global.get $left) (i32.const 4))) unreachable)
    (func (export "left") (result i32) (global.get $left)))`)
  await codeOf(() => runtime.call(script, 'shoot'))
  expect(runtime.call(script, 'left')).toBe(4996)
})
