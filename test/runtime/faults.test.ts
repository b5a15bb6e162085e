import { addEntity, hasComponent } from 'bitecs'
import { describe, expect, it } from 'vitest'
import { codeOf, createGame, errorOf } from '../fixtures/game.ts'
import { counterScript, tickScript, updateScript } from '../fixtures/scripts.ts'

/** Traps on the entity that `choose` names, and counts the others. */
const PICKY = `(module (global $bad (mut i32) (i32.const 0)) (global $n (mut i32) (i32.const 0))
  (func (export "choose") (param i32) (global.set $bad (local.get 0)))
  (func (export "count") (result i32) (global.get $n))
  (func (export "update") (param i32 f32)
    (if (i32.eq (local.get 0) (global.get $bad)) (then unreachable))
    (global.set $n (i32.add (global.get $n) (i32.const 1)))))`

describe('a script that faults', () => {
  it.each([
    ['unreachable', 'unreachable', 'Trap', /unreachable/],
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

  it('names the entity, and by default stops after it', async () => {
    const { world, runtime, errors } = await createGame()
    const id = await runtime.loadModule(PICKY, { name: 'picky' })
    const entities = [1, 2, 3, 4].map(() => addEntity(world))
    for (const entity of entities) runtime.attach(entity, id)
    runtime.call(id, 'choose', entities[1] as number)
    runtime.tick(1)
    expect(errors[0]).toMatchObject({ code: 'Trap', entity: entities[1], export: 'update' })
    expect(errors[0]?.message).toContain(`picky.update on entity ${entities[1]}`)
    expect(runtime.call(id, 'count')).toBe(1)
    expect(runtime.script(id).status).toBe('faulted')
    expect(runtime.script(id).stats.entities).toBe(2)
  })

  it("with onFault 'detach' is detached from that entity, and continues with the next", async () => {
    const { world, runtime, errors } = await createGame()
    const id = await runtime.loadModule(PICKY, { name: 'picky', onFault: 'detach' })
    const entities = [1, 2, 3, 4].map(() => addEntity(world))
    for (const entity of entities) runtime.attach(entity, id)
    const bad = entities[1] as number
    runtime.call(id, 'choose', bad)
    expect(runtime.tick(1)).toMatchObject({ faults: 1, entities: 4 })
    expect(runtime.script(id).status).toBe('active')
    expect(runtime.call(id, 'count')).toBe(3)
    expect(hasComponent(world, bad, runtime.tag(id))).toBe(false)
    expect(runtime.tick(1)).toMatchObject({ faults: 0, entities: 3 })
    expect(errors).toHaveLength(1)
  })

  it("with onFault 'detach' stops if the fault has no entity", async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(tickScript('unreachable'), { onFault: 'detach' })
    runtime.tick(1)
    expect(runtime.script(id).status).toBe('faulted')
  })

  it.each([
    ['on_attach', '(func (export "on_attach") (param i32) unreachable)'],
    ['on_detach', '(func (export "on_detach") (param i32) unreachable)'],
    ['on_boom', '(func (export "on_boom") unreachable)'],
  ])('in %s does not affect other scripts', async (name, func) => {
    const { world, runtime, errors } = await createGame()
    const id = await runtime.loadModule(`(module ${func})`)
    const other = await runtime.loadModule(counterScript())
    const entity = addEntity(world)
    runtime.attach(entity, id)
    runtime.emit('boom')
    runtime.tick(1)
    if (name === 'on_detach') runtime.detach(entity, id)
    runtime.tick(1)
    expect(errors.map((error) => error.export)).toEqual([name])
    expect(runtime.call(other, 'count')).toBe(2)
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

  it('in a call throws, is reported, and stops', async () => {
    const { runtime, errors } = await createGame()
    const id = await runtime.loadModule('(module (func (export "go") unreachable) (func (export "fine") (result i32) (i32.const 1)))')
    const error = await errorOf(() => runtime.call(id, 'go'))
    expect(error).toMatchObject({ code: 'Trap', export: 'go', scriptId: id })
    expect(errors).toEqual([error])
    expect(runtime.script(id).status).toBe('faulted')
    expect(runtime.call(id, 'fine')).toBe(1)
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
