import { History, type ScriptId, Snapshot } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { createGame, type Game } from '../../fixtures/game.ts'

/** A script with a memory of one page and no `alloc`: the host arena is the 16 pages after it. */
const READER = `(module
  (memory (export "memory") 1)
  (func (export "read") (param i32 i32) (result i32 i32) (i32.const 0) (i32.const 1))
  (func (export "peek") (param i32) (result i32) (i32.load8_u (local.get 0)))
  (func (export "poke") (param i32 i32) (i32.store8 (local.get 0) (local.get 1)))
  (func (export "grow") (result i32) (i32.mul (memory.grow (i32.const 1)) (i32.const 65536)))
  (data (i32.const 0) "1"))`
const ARENA = 65_536
const ARENA_END = 17 * 65_536

async function reading(jsonBytes = 1_048_576): Promise<Game & { readonly id: ScriptId }> {
  const game = await createGame({ limits: { jsonBytes } })
  return { ...game, id: await game.runtime.loadModule(READER, { name: 'reader' }) }
}

const PHRASE = 'a phrase that is nowhere else'
const holds = (bytes: Uint8Array): boolean => Buffer.from(bytes).includes(PHRASE)

describe('the host arena', () => {
  it('is cleared after a call', async () => {
    const { runtime, id } = await reading()
    runtime.callJson(id, 'read', PHRASE)
    for (const at of [0, 1, PHRASE.length]) expect(runtime.call(id, 'peek', ARENA + at)).toBe(0)
  })

  it('is not part of a snapshot, whose bytes do not depend on the text that was passed', async () => {
    const { runtime, id } = await reading()
    const before = runtime.snapshot().toBytes()
    runtime.callJson(id, 'read', PHRASE)
    runtime.call(id, 'poke', ARENA + 100_000, 1)
    const after = runtime.snapshot().toBytes()
    expect(after).toEqual(before)
    expect(after.length).toBeLessThan(ARENA + 150_000)
    expect(holds(after)).toBe(false)
  })

  it('takes no memory in a history', async () => {
    const { runtime, id } = await reading()
    const history = new History(runtime)
    expect(history.bytes).toBeLessThan(2 * ARENA)
    const { bytes } = history
    runtime.call(id, 'poke', ARENA + 100_000, 1)
    runtime.tick(1)
    expect(history.bytes).toBe(bytes)
  })

  it('does not change when the memory below and above it is restored', async () => {
    const { runtime, id } = await reading()
    expect(runtime.call(id, 'grow')).toBe(ARENA_END)
    const places = [ARENA - 1, ARENA, ARENA_END - 1, ARENA_END, ARENA_END + 65_535]
    const write = (value: number): void => {
      for (const place of places) runtime.call(id, 'poke', place, value)
    }
    const read = (): unknown[] => places.map((place) => runtime.call(id, 'peek', place))
    write(1)
    const snapshot = runtime.snapshot()
    const history = new History(runtime)
    write(2)
    runtime.tick(1)
    runtime.restore(snapshot)
    expect(read()).toEqual([1, 2, 2, 1, 1])
    write(3)
    history.goTo(0)
    expect(read()).toEqual([1, 3, 3, 1, 1])
    runtime.call(id, 'grow')
    runtime.restore(snapshot)
    expect(read()).toEqual([1, 0, 0, 1, 1])
    const other = await reading()
    expect(other.runtime.restore(Snapshot.fromBytes(snapshot.toBytes())).scripts).toMatchObject([{ state: 'restored' }])
    expect(places.map((place) => other.runtime.call(other.id, 'peek', place))).toEqual([1, 0, 0, 1, 1])
  })

  it('may have another size in the game that opens a file, if there is no memory above it', async () => {
    const { runtime, id } = await reading()
    runtime.call(id, 'poke', 9, 9)
    const flat = runtime.snapshot().toBytes()
    runtime.call(id, 'grow')
    const grown = runtime.snapshot().toBytes()
    const other = await reading(65_536)
    expect(other.runtime.restore(Snapshot.fromBytes(grown)).scripts).toMatchObject([{ state: 'kept' }])
    expect(other.runtime.restore(Snapshot.fromBytes(flat)).scripts).toMatchObject([{ state: 'restored' }])
    expect(other.runtime.call(other.id, 'peek', 9)).toBe(9)
  })
})

describe('a snapshot of an older version', () => {
  it('is refused with a message that names both versions', async () => {
    const { runtime } = await createGame()
    const bytes = runtime.snapshot().toBytes()
    new DataView(bytes.buffer).setUint32(8, 2, true)
    expect(() => Snapshot.fromBytes(bytes)).toThrow('has version 2, and this bitscript reads version 5')
  })
})
