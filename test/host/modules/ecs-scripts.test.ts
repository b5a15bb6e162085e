import { hasComponent } from 'bitecs'
import { describe, expect, it } from 'vitest'
import { codeOf, createGame } from '../../fixtures/game.ts'

const GUN = `(module
  (import "ecs.attach" "drift" (func $attach (param i32))) (import "ecs.detach" "drift" (func $detach (param i32)))
  (func (export "shoot") (param i32) (call $attach (local.get 0)))
  (func (export "stop") (param i32) (call $detach (local.get 0))))`
const DRIFT = '(module (func (export "update") (param i32 f32)))'

describe('ecs.attach and ecs.detach of another script', () => {
  it('run it on the entity from the next tick, and stop it', async () => {
    const { runtime, world } = await createGame()
    const gun = await runtime.loadModule(GUN)
    const drift = await runtime.loadModule(DRIFT, { name: 'drift' })
    const bullet = runtime.spawn({ Position: {} })
    runtime.call(gun, 'shoot', bullet)
    expect(hasComponent(world, bullet, runtime.tag(drift))).toBe(true)
    runtime.tick(1)
    expect(runtime.script(drift).stats.entities).toBe(1)
    runtime.call(gun, 'stop', bullet)
    runtime.tick(1)
    expect(runtime.script(drift).stats.entities).toBe(0)
  })

  it('fail while it is not loaded', async () => {
    const { runtime } = await createGame()
    const gun = await runtime.loadModule(GUN, { onFault: 'detach' })
    expect(await codeOf(() => runtime.call(gun, 'shoot', runtime.spawn()))).toBe('ScriptNotFound')
    await runtime.reloadModule(gun, GUN)
    const drift = await runtime.loadModule(DRIFT, { name: 'drift' })
    runtime.call(gun, 'shoot', runtime.spawn())
    runtime.unloadModule(drift)
    expect(await codeOf(() => runtime.call(gun, 'stop', 1))).toBe('ScriptNotFound')
  })

  it('need a grant, and a name', async () => {
    const { runtime } = await createGame()
    const load = (host: string[]): Promise<unknown> => codeOf(runtime.loadModule(GUN, { name: `gun ${host}`, grant: { host } }))
    expect(await load(['ecs.attach'])).toBe('GrantDenied')
    await runtime.loadModule(GUN, { name: 'granted', grant: { host: ['drift'] } })
    expect(await codeOf(runtime.loadModule(GUN.replaceAll('"drift"', '""')))).toBe('UnknownImport')
  })
})
