import { addEntity } from 'bitecs'
import { describe, expect, it } from 'vitest'
import { createGame } from '../../fixtures/game.ts'

const PAGE = 65_536
const MEMORY = `(module
  (import "host" "memory_used" (func $used (result i32))) (import "host" "memory_limit" (func $limit (result i32)))
  (import "host" "memory_pressure" (func $pressure (result i32)))
  (memory (export "memory") 1)
  (func (export "used") (result i32) (call $used)) (func (export "limit") (result i32) (call $limit))
  (func (export "pressure") (result i32) (call $pressure))
  (func (export "grow") (param i32) (result i32) (drop (memory.grow (local.get 0))) (call $used))
  (func (export "tick") (param f32) (if (i32.ne (call $limit) (i32.const 131072)) (then unreachable))))`

describe('host', () => {
  it('tells how much memory an instance has and may have, in bytes', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(MEMORY, { limits: { memoryPages: 10 } })
    expect([runtime.call(id, 'used'), runtime.call(id, 'limit')]).toEqual([PAGE, 10 * PAGE])
    expect(runtime.call(id, 'grow', 3)).toBe(4 * PAGE)
    expect([runtime.call(id, 'used'), runtime.call(id, 'limit')]).toEqual([4 * PAGE, 10 * PAGE])
    expect(runtime.call(id, 'grow', 7)).toBe(4 * PAGE)
  })

  it('tells the pressure: 0 below half of the limit, 1 from there on, 2 from 3/4, 3 from 7/8, 4 from 15/16', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(MEMORY, { limits: { memoryPages: 64 } })
    const pressures = [31, 32, 48, 56, 60, 64].map((pages) => {
      runtime.call(id, 'grow', pages - (runtime.call(id, 'used') as number) / PAGE)
      return runtime.call(id, 'pressure')
    })
    expect(pressures).toEqual([0, 1, 2, 3, 4, 4])
  })

  it('counts what other instances of the script leave of limits.totalMemoryPages', async () => {
    const { runtime, world, errors } = await createGame()
    const id = await runtime.loadModule(MEMORY, { instances: 'entity', limits: { totalMemoryPages: 4 } })
    expect(runtime.call(id, 'limit')).toBe(4 * PAGE)
    for (let count = 0; count < 2; count++) runtime.attach(addEntity(world), id)
    // One page of its own, and the one that is left.
    runtime.tick(1)
    expect(errors).toEqual([])
    expect(runtime.call(id, 'limit')).toBe(2 * PAGE)
  })

  it('tells at most the greatest i32', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(MEMORY, { limits: { memoryPages: 65_536, totalMemoryPages: 65_536 } })
    expect(runtime.call(id, 'limit')).toBe(2 ** 31 - 1)
  })

  it('counts all memory of an Extism plugin', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(MEMORY, { guest: 'extism', limits: { memoryPages: 10 } })
    expect(runtime.call(id, 'grow', 0)).toBe(2 * PAGE)
  })
})
