import { describeInstance, type ScriptId, type WasmScriptRuntime } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { createGame } from '../../fixtures/game.ts'

const COUNTER = `(module
  (memory (export "memory") 1)
  (data (i32.const 16) "abc")
  (global $count (mut i32) (i32.const 3))
  (global (export "shared") (mut i64) (i64.const 4))
  (global (mut f64) (f64.const 0.5))
  (global $constant i32 (i32.const 9))
  (global $lanes (mut v128) (v128.const i64x2 1 2))
  (global $callee (mut funcref) (ref.null func))
  (func (export "init") (param i32 i32))
  (func (export "update") (param $eid i32) (param $dt f32)
    (global.set $count (local.get $eid))
    (i32.store (i32.const 20) (local.get $eid))
    (drop (memory.grow (i32.const 1)))))`

const read = (runtime: WasmScriptRuntime, id: ScriptId, entity?: number) => {
  const [memory] = describeInstance(runtime, id, entity)?.memories ?? []
  return memory && [...memory.read(16, 5)]
}

describe('describeInstance', () => {
  it('returns mutable globals with their names and types, and the bytes of memories', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(COUNTER, { config: { long: 'a config that is passed in the host arena' } })
    const { globals, memories, entities } = describeInstance(runtime, id) ?? {}
    expect(globals).toEqual([
      { name: 'count', type: 'i32', value: 3 },
      { name: 'shared', type: 'i64', value: 4n },
      { name: 'global 2', type: 'f64', value: 0.5 },
      { name: 'lanes', type: 'v128', value: '0x00000000000000020000000000000001' },
      { name: 'callee', type: 'funcref', value: 'null' },
    ])
    expect(entities).toEqual([])
    expect(memories?.map(({ name }) => name)).toEqual(['memory'])
    expect(read(runtime, id)).toEqual([97, 98, 99, 0, 0])
    expect(memories?.[0]?.read(0x7fff_0000, 8)).toHaveLength(0)
  })

  it('returns those of the instance of an entity, as they are after it ran, and of no other', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(COUNTER, { instances: 'entity' })
    const [one, other] = [runtime.spawn(), runtime.spawn()]
    runtime.attach(one, id)
    runtime.attach(other, id)
    runtime.tick(1 / 60)
    expect(describeInstance(runtime, id)?.entities).toEqual([one, other])
    for (const entity of [one, other]) {
      expect(describeInstance(runtime, id, entity)?.globals[0]).toEqual({ name: 'count', type: 'i32', value: entity })
      expect(read(runtime, id, entity)).toEqual([97, 98, 99, 0, entity])
    }
    expect(describeInstance(runtime, id, 999)).toBeUndefined()
  })

  it('reads behind the host arena at the addresses that the script uses', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(`(module (memory (export "memory") 1)
      (func (export "init") (param i32 i32))
      (func (export "grown") (result i32) (local $at i32)
        (local.set $at (i32.mul (memory.grow (i32.const 1)) (i32.const 65536)))
        (i32.store8 (local.get $at) (i32.const 77))
        (local.get $at)))`)
    const at = runtime.call(id, 'grown') as number
    const [memory] = describeInstance(runtime, id)?.memories ?? []
    expect(memory?.read(at, 2)).toEqual(Uint8Array.of(77, 0))
    expect(memory?.length).toBe(at + 65_536)
  })
})
