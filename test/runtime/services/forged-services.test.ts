import { Snapshot, type WasmScriptRuntime } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { MAX_KEY_BYTES, MAX_REQUESTS } from '../../../src/host/services/service-limits.ts'
import { importServices } from '../../../src/runtime/image/import-services.ts'
import { codeOf, createGame } from '../../fixtures/game.ts'

const none = { metrics: [], storage: { keys: [], values: new Uint8Array() }, http: { nextId: 1, waiting: [], answers: [] } }
const limits = { storageBytes: 100, jsonBytes: 10 }
const answer = (id: number, body = new Uint8Array()) => ({ id, status: 200, body })

describe('what a file holds of services', () => {
  it('is taken as a game wrote it', () => {
    expect(importServices(none, 'a', limits)).toMatchObject({ metrics: [], http: { nextId: 1 } })
  })

  it.each([
    ['no object', 5],
    ['another part', { ...none, more: 1 }],
    ['a metric of the wrong length', { ...none, metrics: [['counter a []', [1, 2]]] }],
    ['a histogram of one number', { ...none, metrics: [['histogram a []', [1]]] }],
    ['two values under a key', { ...none, storage: { keys: Array(2).fill(['a', 0]), values: new Uint8Array() } }],
    ['lengths that are not those of the values', { ...none, storage: { keys: [['a', 3]], values: new Uint8Array(2) } }],
    ['a long key', { ...none, storage: { keys: [['a'.repeat(MAX_KEY_BYTES + 1), 0]], values: new Uint8Array() } }],
    ['more than the quota', { ...none, storage: { keys: [['a', 100]], values: new Uint8Array(100) } }],
    ['a request that was not made', { ...none, http: { nextId: 1, waiting: [1], answers: [] } }],
    ['an answer to what waits', { ...none, http: { nextId: 2, waiting: [1], answers: [answer(1)] } }],
    ['a long answer', { ...none, http: { nextId: 2, waiting: [], answers: [answer(1, new Uint8Array(11))] } }],
    [
      'too many requests',
      { ...none, http: { nextId: 999, waiting: Array.from({ length: MAX_REQUESTS + 1 }, (_, index) => index + 1), answers: [] } },
    ],
  ])('is refused with %s', async (_, forged) => {
    expect(await codeOf(() => importServices(forged, 'a', limits))).toBe('StateRejected')
  })

  it('is refused by a game with a lower quota, which stays as it is', async () => {
    const store = `(module (import "storage" "set" (func $set (param i32 i32 i32 i32) (result i32))) (memory (export "memory") 1)
      (func (export "set") (result i32) (call $set (i32.const 0) (i32.const 3) (i32.const 8) (i32.const 50))))`
    const game = async (storageBytes: number): Promise<WasmScriptRuntime> => {
      const { runtime } = await createGame({ limits: { storageBytes } })
      await runtime.loadModule(store, { name: 'store' })
      return runtime
    }
    const rich = await game(100)
    rich.call(rich.find('store')?.id as never, 'set')
    const saved = rich.snapshot().toBytes()
    const poor = await game(10)
    expect(await codeOf(() => poor.restore(Snapshot.fromBytes(saved)))).toBe('StateRejected')
    expect(poor.readStorage(poor.find('store')?.id as never).size).toBe(0)
  })
})
