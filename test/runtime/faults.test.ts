import { addEntity, hasComponent } from 'bitecs'
import { describe, expect, it } from 'vitest'
import { codeOf, createGame, errorOf } from '../fixtures/game.ts'
import { counterScript, tickScript, updateScript } from '../fixtures/scripts.ts'

describe('a script that faults', () => {
  it.each([
    ['a division by zero', '(drop (i32.div_s (i32.const 1) (i32.const 0)))', 'Trap', /divide by zero/],
    ['a load outside the memory', '(drop (i32.load (i32.const 65536)))', 'Trap', /out of bounds/],
    ['endless recursion', '(call $deep)', 'StackOverflow', /nested too deeply/],
  ])('by %s is reported, and stops', async (_, body, code, message) => {
    const { runtime, errors } = await createGame()
    const id = await runtime.loadModule(tickScript(body, '(memory 1) (func $deep (call $deep))'), { name: 'bad' })
    const other = await runtime.loadModule(counterScript(), { name: 'good' })
    expect(runtime.tick(1).faults).toBe(1)
    expect(errors).toHaveLength(1)
    expect(errors[0]).toMatchObject({ code, script: 'bad', scriptId: id, export: 'tick' })
    expect(errors[0]?.message).toMatch(message)
    expect(runtime.script(id)).toMatchObject({ status: 'faulted', fault: errors[0] })
    expect(runtime.tick(1).faults).toBe(0)
    expect(runtime.call(other, 'count')).toBe(2)
  })

  it("with onFault 'detach' stops if the fault has no entity", async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(tickScript('unreachable'), { onFault: 'detach' })
    runtime.tick(1)
    expect(runtime.script(id).status).toBe('faulted')
  })

  it('keeps the effects of its commands before the fault', async () => {
    const { world, components, runtime } = await createGame()
    const id = await runtime.loadModule(
      updateScript('(call $remove (local.get $eid)) unreachable', '(import "ecs.remove" "Dead" (func $remove (param i32)))'),
    )
    const entity = addEntity(world, components.Dead)
    runtime.attach(entity, id)
    runtime.tick(1)
    expect(hasComponent(world, entity, components.Dead)).toBe(false)
  })

  it('is active again after a reload, and receives what it missed', async () => {
    const { world, runtime, errors } = await createGame()
    const id = await runtime.loadModule(tickScript('unreachable'))
    runtime.tick(1)
    const entity = addEntity(world)
    runtime.attach(entity, id)
    runtime.tick(1)
    const seen = `(module (global $seen (mut i32) (i32.const 0)) (func (export "on_attach") (param i32) (global.set $seen (local.get 0)))
      (func (export "seen") (result i32) (global.get $seen)))`
    expect(await runtime.reloadModule(id, seen)).toMatchObject({ generation: 2, state: 'reset' })
    expect(runtime.script(id)).toMatchObject({ status: 'active', fault: undefined })
    runtime.tick(1)
    expect(runtime.call(id, 'seen')).toBe(entity)
    expect(errors).toHaveLength(1)
  })

  it('because its memory is too large is refused', async () => {
    const { runtime } = await createGame({ limits: { memoryPages: 2, tableElements: 5 } })
    const error = await errorOf(runtime.loadModule('(module (memory 3) (func (export "a")))'))
    expect(error.code).toBe('TooLarge')
    expect(error.message).toContain('limits.memoryPages')
    expect(await codeOf(runtime.loadModule('(module (table 6 funcref) (func (export "a")))'))).toBe('TooLarge')
    await runtime.loadModule('(module (memory 2) (table 5 funcref) (func (export "a")))')
  })

  it('because it is too large is refused', async () => {
    const { runtime } = await createGame({ limits: { moduleBytes: 60 } })
    const small = '(module (func (export "a")))'
    await runtime.loadModule(small)
    for (const source of [small + ' '.repeat(60), new TextEncoder().encode(small + ' '.repeat(60)), new Response(small + ' '.repeat(60))]) {
      const error = await errorOf(runtime.loadModule(source))
      expect(error.code).toBe('TooLarge')
      expect(error.message).toContain('limits.moduleBytes')
    }
    expect(await codeOf(runtime.loadModule('(module(func(export "abcdefghijklmnopqrstuvwxyz")))'))).toBe('TooLarge')
  })
})
