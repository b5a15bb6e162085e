import { addEntity, removeEntity } from 'bitecs'
import { type ScriptId, Snapshot, type WasmScriptRuntime } from 'bitscript'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countPages } from '../../src/runtime/script/pages.ts'
import { storeOf } from '../../src/runtime/script/store.ts'
import { createGame, errorOf } from '../fixtures/game.ts'

/** Each instance begins with one page, and grows by what the event asks for. `result` is what the last growth returned. */
const GROWING = `(module (import "test" "told" (func $told (param i32 i32)))
  (memory (export "memory") 1) (global $result (mut i32) (i32.const 0))
  (func (export "on_grow") (param $pages i32) (global.set $result (memory.grow (local.get $pages))))
  (func (export "update") (param $eid i32) (param f32) (call $told (local.get $eid) (global.get $result)))
  (func (export "grow") (param $pages i32) (result i32) (memory.grow (local.get $pages)))
  (func (export "get_state") (result i32 i32) (i32.store8 (i32.const 0) (i32.const 48)) (i32.const 0) (i32.const 1)))`

/** A game whose entities have instances that grow, and what each said of its last growth. */
async function growing(totalMemoryPages: number, entities: number, onFault: 'stop' | 'detach' = 'detach') {
  const told = new Map<number, number>()
  const game = await createGame({
    limits: { memoryPages: 8, totalMemoryPages },
    host: { test: { told: (_, entity: number, result: number) => void told.set(entity, result) } },
  })
  const id = await game.runtime.loadModule(GROWING, { name: 'growing', instances: 'entity', onFault })
  const all = Array.from({ length: entities }, () => addEntity(game.world))
  for (const entity of all) game.runtime.attach(entity, id)
  return { ...game, id, told, all }
}

const pagesLeft = (runtime: WasmScriptRuntime): number =>
  storeOf(runtime).scripts.find(({ name }) => name === 'growing')?.running?.generation.program.room.left as number

describe('limits.totalMemoryPages', () => {
  it('limits the memories of all instances of a script together', async () => {
    const { runtime, told, all, errors, id } = await growing(12, 3)
    runtime.tick(1)
    // Three instances of entities, and one that belongs to no entity.
    expect(pagesLeft(runtime)).toBe(8)
    runtime.emit('grow', 3)
    runtime.tick(1)
    expect(all.map((entity) => told.get(entity))).toEqual([1, 1, -1])
    expect(runtime.call(id, 'grow', 3)).toBe(-1)
    expect(runtime.call(id, 'grow', 2)).toBe(1)
    expect([runtime.call(id, 'grow', 0), runtime.call(id, 'grow', 1), runtime.call(id, 'grow', -1)]).toEqual([3, -1, -1])
    expect([pagesLeft(runtime), errors]).toEqual([0, []])
  })

  it('leaves no room for an instance: the entity faults with OutOfMemory, and gets one when there is room', async () => {
    const { runtime, all, errors, told, id } = await growing(3, 3)
    runtime.tick(1)
    expect(errors).toMatchObject([{ code: 'OutOfMemory', script: 'growing', entity: all[2] }])
    expect(errors[0]?.detail).toBe(
      'an instance needs 1 pages of memory, and the instances of the script may have 3 together, of which 0 are left (limits.totalMemoryPages)',
    )
    expect([...told.keys()]).toEqual(all.slice(0, 2))
    runtime.detach(all[0] as number, id)
    runtime.tick(1)
    runtime.attach(all[2] as number, id)
    runtime.tick(1)
    expect(errors).toHaveLength(1)
    expect([...told.keys()]).toEqual(all)
  })

  it('stops a script whose entity finds no room, unless its faults only detach', async () => {
    const { runtime, errors } = await growing(3, 3, 'stop')
    runtime.tick(1)
    expect([errors.map(({ code }) => code), runtime.find('growing')?.status]).toEqual([['OutOfMemory'], 'faulted'])
  })

  it('limits what instances take beside their memories, too', async () => {
    const { runtime, world, errors } = await createGame({ limits: { totalMemoryPages: 60 } })
    const tables = '(module (table 10000 funcref) (global i32 (i32.const 0)) (func (export "update") (param i32 f32)))'
    const id = await runtime.loadModule(tables, { name: 'tables', instances: 'entity', onFault: 'detach' })
    for (let count = 0; count < 20; count++) runtime.attach(addEntity(world), id)
    runtime.tick(1)
    runtime.tick(1)
    // 8,192 bytes, 32 for each element, 512 for the export, 192 for the global.
    const most = Math.floor((60 * 65_536) / 328_896)
    expect(runtime.script(id).stats.entities).toBe(most - 1)
    expect(errors[0]).toMatchObject({ code: 'OutOfMemory', detail: expect.stringContaining(`has ${most} instances`) })
    expect(errors).toHaveLength(21 - most)
    await runtime.loadModule(tables, { limits: { totalMemoryPages: 0 } })
  })

  it('is checked when a script is loaded, and before a memory is made', async () => {
    const { runtime } = await createGame({ limits: { memoryPages: 65_536, totalMemoryPages: 100 } })
    const error = await errorOf(runtime.loadModule('(module (memory 60000) (func (export "tick") (param f32)))'))
    expect([error.code, error.detail]).toEqual(['OutOfMemory', expect.stringContaining('60000 pages')])
    await runtime.loadModule('(module (memory 100) (func (export "tick") (param f32)))')
  })

  it('holds for calls of a script inside another call of it', async () => {
    const results: unknown[] = []
    let id: ScriptId | undefined
    const { runtime, errors } = await createGame({
      limits: { memoryPages: 8, totalMemoryPages: 6 },
      host: { test: { again: (_, pages: number) => void results.push(runtime.call(id as ScriptId, 'grow', pages)) } },
    })
    id = await runtime.loadModule(
      `(module (import "test" "again" (func $again (param i32))) (memory 1)
        (func $grow (export "grow") (param $pages i32) (result i32) (memory.grow (local.get $pages)))
        (func (export "nested") (result i32)
          (drop (call $grow (i32.const 2))) (call $again (i32.const 2)) (call $again (i32.const 2)) (call $grow (i32.const 2))))`,
    )
    expect([runtime.call(id, 'nested'), ...results]).toEqual([-1, 3, -1])
    expect([runtime.call(id, 'grow', 1), runtime.call(id, 'grow', 1), errors]).toEqual([5, -1, []])
  })

  it('counts a generation by itself, so that a script that has more than half can be reloaded', async () => {
    const { runtime, id } = await growing(5, 3)
    runtime.tick(1)
    runtime.call(id, 'grow', 1)
    await runtime.reloadModule(id, `${GROWING} ;; edited`)
    await runtime.reloadModule(id, GROWING.replace('i32.const 48', 'i32.const 49'))
    expect(pagesLeft(runtime)).toBe(1)
  })

  it('leaves a restored game as many pages as the saved one had', async () => {
    const { runtime, told, all } = await growing(12, 3)
    runtime.tick(1)
    runtime.emit('grow', 2)
    const saved = runtime.snapshot()
    const run = (): unknown => {
      runtime.tick(1)
      runtime.emit('grow', 2)
      runtime.tick(1)
      return [all.map((entity) => told.get(entity)), pagesLeft(runtime)]
    }
    const first = run()
    expect(first).toEqual([[3, -1, -1], 0])
    runtime.restore(saved)
    expect(run()).toEqual(first)
  })

  it('refuses bytes of a game whose instances have more, and changes nothing', async () => {
    const large = await growing(12, 3)
    large.runtime.tick(1)
    large.runtime.emit('grow', 2)
    large.runtime.tick(1)
    const bytes = large.runtime.snapshot().toBytes()
    const small = await growing(4, 3)
    small.runtime.tick(1)
    const before = small.runtime.snapshot().toBytes()
    const error = await errorOf(() => small.runtime.restore(Snapshot.fromBytes(bytes)))
    expect([error.code, error.detail]).toEqual(['StateRejected', expect.stringContaining('Raise limits.totalMemoryPages')])
    expect(small.runtime.snapshot().toBytes()).toEqual(before)
    const same = await growing(12, 3)
    same.runtime.restore(Snapshot.fromBytes(bytes))
    expect(pagesLeft(same.runtime)).toBe(pagesLeft(large.runtime))
  })

  it('is at each moment the limit less the pages of the instances that there are', async () => {
    const step = fc.record({ kind: fc.integer({ min: 0, max: 9 }), which: fc.nat(7), pages: fc.nat(4) })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 20 }), async (steps) => {
        const { runtime, world, id, all } = await growing(14, 4)
        let saved = runtime.snapshot()
        let generation = 0
        for (const { kind, which, pages } of steps) {
          const entity = all[which % all.length] as number
          if (kind <= 2) runtime.tick(1)
          else if (kind === 3) runtime.emit('grow', pages)
          else if (kind === 4) runtime.detach(entity, id)
          else if (kind === 5) {
            removeEntity(world, entity)
            all[which % all.length] = addEntity(world)
            runtime.attach(all[which % all.length] as number, id)
          } else if (kind === 6) saved = runtime.snapshot()
          else if (kind === 7) runtime.restore(saved)
          else if (kind === 8) runtime.readState(id)
          else await runtime.reloadModule(id, `${GROWING.slice(0, -1)} (global i32 (i32.const ${++generation})))`, { preserve: 'auto' })
          const running = storeOf(runtime).scripts.find(({ name }) => name === 'growing')?.running
          if (running === undefined) throw new Error('it should run')
          const { room } = running.generation.program
          const { left, instances } = room
          countPages(running)
          expect([left, instances]).toEqual([room.left, room.instances])
          expect(left).toBeGreaterThanOrEqual(0)
        }
        runtime.dispose()
      }),
      { seed: 5, numRuns: 24 },
    )
  })
})
