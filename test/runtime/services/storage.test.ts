import { History, Recorder, Replay, Snapshot } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { MAX_KEY_BYTES, MAX_KEYS } from '../../../src/host/services/service-limits.ts'
import { codeOf, createGame } from '../../fixtures/game.ts'

/** Passes what it is called with to `storage`. The text "key" is at 0, "other" at 8, "value" at 16; 100 and on is free. */
const STORE = `(module
  (import "storage" "get" (func $get (param i32 i32 i32 i32) (result i32))) (import "storage" "set" (func $set (param i32 i32 i32 i32) (result i32)))
  (import "storage" "delete" (func $delete (param i32 i32) (result i32))) (import "storage" "used" (func $used (result i32)))
  (memory (export "memory") 2) (data (i32.const 0) "key") (data (i32.const 8) "other") (data (i32.const 16) "value")
  (func (export "get") (param i32 i32 i32 i32) (result i32) (call $get (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
  (func (export "set") (param i32 i32 i32 i32) (result i32) (call $set (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
  (func (export "delete") (param i32 i32) (result i32) (call $delete (local.get 0) (local.get 1)))
  (func (export "used") (result i32) (call $used))
  (func (export "at") (param i32) (result i32) (i32.load8_u (local.get 0)))
  ;; Stores 1 under each three-byte key from 0 on, and returns how many it stored.
  (func (export "fill") (param $count i32) (result i32) (local $i i32)
    (block $done (loop $next
      (br_if $done (i32.ge_s (local.get $i) (local.get $count)))
      (i32.store8 (i32.const 100) (i32.add (i32.const 48) (i32.rem_u (local.get $i) (i32.const 60))))
      (i32.store8 (i32.const 101) (i32.add (i32.const 48) (i32.rem_u (i32.div_u (local.get $i) (i32.const 60)) (i32.const 60))))
      (i32.store8 (i32.const 102) (i32.add (i32.const 48) (i32.div_u (local.get $i) (i32.const 3600))))
      (br_if $done (i32.ne (call $set (i32.const 100) (i32.const 3) (i32.const 16) (i32.const 1)) (i32.const 0)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next)))
    (local.get $i)))`
const KEY = [0, 3] as const
const OTHER = [8, 5] as const
const VALUE = [16, 5] as const
const texts = (storage: ReadonlyMap<string, Uint8Array>) => [...storage].map(([key, value]) => [key, new TextDecoder().decode(value)])

describe('storage', () => {
  it('keeps a value under a key, gives it back, and removes it', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(STORE)
    expect(runtime.call(id, 'get', ...KEY, 100, 50)).toBe(-1)
    expect(runtime.call(id, 'set', ...KEY, ...VALUE)).toBe(0)
    expect(runtime.call(id, 'get', ...KEY, 100, 50)).toBe(5)
    expect([100, 104, 105].map((at) => runtime.call(id, 'at', at))).toEqual([...'ve\0'].map((letter) => letter.charCodeAt(0)))
    expect(runtime.call(id, 'used')).toBe(8)
    expect(runtime.call(id, 'set', ...KEY, 16, 0)).toBe(0)
    expect([runtime.call(id, 'get', ...KEY, 100, 50), runtime.call(id, 'used')]).toEqual([0, 3])
    expect([runtime.call(id, 'delete', ...KEY), runtime.call(id, 'delete', ...KEY)]).toEqual([1, 0])
    expect(runtime.call(id, 'used')).toBe(0)
  })

  it('writes no part of a value that has no room, and says how long it is', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(STORE)
    runtime.call(id, 'set', ...KEY, ...VALUE)
    expect(runtime.call(id, 'get', ...KEY, 100, 4)).toBe(5)
    expect(runtime.call(id, 'at', 100)).toBe(0)
  })

  it('belongs to one script, and keeps copies', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(STORE)
    const other = await runtime.loadModule(STORE)
    runtime.call(id, 'set', ...KEY, ...VALUE)
    expect(runtime.call(other, 'get', ...KEY, 100, 50)).toBe(-1)
    const read = runtime.readStorage(id)
    expect(texts(read)).toEqual([['key', 'value']])
    read.get('key')?.fill(0)
    expect(texts(runtime.readStorage(id))).toEqual([['key', 'value']])
    expect(runtime.readStorage(other).size).toBe(0)
  })

  it('takes no more than limits.storageBytes, keys and values together', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(STORE, { limits: { storageBytes: 15 } })
    expect(runtime.call(id, 'set', ...KEY, ...VALUE)).toBe(0)
    expect(runtime.call(id, 'set', ...OTHER, 16, 3)).toBe(-1)
    expect(runtime.call(id, 'set', ...OTHER, 16, 2)).toBe(0)
    expect(runtime.call(id, 'used')).toBe(15)
    expect(runtime.call(id, 'set', ...KEY, 16, 6)).toBe(-1)
    expect(runtime.call(id, 'set', ...KEY, 16, 4)).toBe(0)
    expect(texts(runtime.readStorage(id))).toEqual([
      ['key', 'valu'],
      ['other', 'va'],
    ])
  })

  it(`takes keys of at most ${MAX_KEY_BYTES} bytes, and at most ${MAX_KEYS} of them`, async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(STORE)
    expect(runtime.call(id, 'set', 200, MAX_KEY_BYTES, ...VALUE)).toBe(0)
    expect(runtime.call(id, 'set', 200, MAX_KEY_BYTES + 1, ...VALUE)).toBe(-1)
    expect(runtime.call(id, 'get', 200, MAX_KEY_BYTES + 1, 100, 50)).toBe(-1)
    expect(runtime.call(id, 'delete', 200, MAX_KEY_BYTES + 1)).toBe(0)
    expect(runtime.call(id, 'fill', MAX_KEYS + 5)).toBe(MAX_KEYS - 1)
    expect(runtime.call(id, 'set', 0, 3, ...VALUE)).toBe(-1)
    expect(runtime.call(id, 'set', 200, MAX_KEY_BYTES, 16, 3)).toBe(0)
  })

  it('ends a script with a pointer outside of its memory', async () => {
    const { runtime, errors } = await createGame()
    const id = await runtime.loadModule(STORE)
    runtime.call(id, 'set', ...KEY, ...VALUE)
    for (const [name, ...numbers] of [
      ['set', 0x7fff_fff0, 3, ...VALUE],
      ['set', ...KEY, 0x7fff_fff0, 3],
      ['get', ...KEY, 0x7fff_fff0, 50],
      ['delete', -1, 3],
    ] as const) {
      expect(await codeOf(() => runtime.call(id, name, ...numbers))).toBe('InvalidPointer')
      await runtime.reloadModule(id, STORE)
    }
    expect(errors).toHaveLength(4)
    expect(texts(runtime.readStorage(id))).toEqual([['key', 'value']])
  })

  it('must be granted, and needs a memory', async () => {
    const { runtime } = await createGame()
    await runtime.loadModule(STORE, { grant: { host: ['storage'] } })
    expect(await codeOf(runtime.loadModule(STORE, { grant: { host: ['storage.get'] } }))).toBe('GrantDenied')
    const bare = '(module (import "storage" "delete" (func (param i32 i32) (result i32))) (func (export "f")))'
    expect(await codeOf(runtime.loadModule(bare))).toBe('MissingExport')
    await runtime.loadModule('(module (import "storage" "used" (func (result i32))) (func (export "f")))')
  })

  it('is carried by reloads, whatever state they carry, and undone with one that fails', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(STORE)
    runtime.call(id, 'set', ...KEY, ...VALUE)
    const { state } = await runtime.reloadModule(id, STORE)
    expect([state, runtime.call(id, 'used')]).toEqual(['reset', 8])
    const failing = STORE.replace(/\)$/, '(func (export "init") (drop (call $delete (i32.const 0) (i32.const 3))) unreachable))')
    expect(await codeOf(runtime.reloadModule(id, failing))).toBe('InitFailed')
    expect(texts(runtime.readStorage(id))).toEqual([['key', 'value']])
    // `get_state` is also called where nothing may change.
    const reading = STORE.replace(
      /\)$/,
      '(func (export "get_state") (result i32 i32) (drop (call $delete (i32.const 0) (i32.const 3))) (i32.store8 (i32.const 60) (i32.const 55)) (i32.const 60) (i32.const 1)))',
    )
    await runtime.reloadModule(id, reading)
    runtime.call(id, 'set', ...KEY, ...VALUE)
    expect(runtime.readState(id)).toBe(7)
    expect(texts(runtime.readStorage(id))).toEqual([['key', 'value']])
  })

  it('is part of snapshots, as bytes too, of histories and of replays', async () => {
    const game = async () => {
      const { runtime } = await createGame()
      return { runtime, id: await runtime.loadModule(STORE, { name: 'store' }) }
    }
    const { runtime, id } = await game()
    const history = new History(runtime)
    runtime.call(id, 'set', ...KEY, ...VALUE)
    runtime.tick(1)
    const saved = runtime.snapshot()
    const recorder = new Recorder(runtime)
    runtime.call(id, 'set', ...OTHER, ...VALUE)
    runtime.call(id, 'delete', ...KEY)
    runtime.tick(1)
    const recording = recorder.stop()
    expect(texts(runtime.readStorage(id))).toEqual([['other', 'value']])
    history.goTo(1)
    expect(texts(runtime.readStorage(id))).toEqual([['key', 'value']])
    runtime.call(id, 'set', ...OTHER, ...VALUE)
    runtime.restore(saved)
    expect([texts(runtime.readStorage(id)), runtime.call(id, 'used')]).toEqual([[['key', 'value']], 8])

    const other = await game()
    other.runtime.restore(Snapshot.fromBytes(saved.toBytes()))
    expect(texts(other.runtime.readStorage(other.id))).toEqual([['key', 'value']])
    const replay = await Replay.begin(other.runtime, recording)
    await replay.run()
    expect(texts(other.runtime.readStorage(other.id))).toEqual([['other', 'value']])
  })

  it('of a snapshot that was taken before there was any is empty', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule('(module (func (export "tick") (param f32)))')
    const saved = runtime.snapshot()
    await runtime.reloadModule(id, STORE)
    runtime.call(id, 'set', ...KEY, ...VALUE)
    runtime.restore(saved)
    expect(runtime.readStorage(id).size).toBe(0)
  })
})
