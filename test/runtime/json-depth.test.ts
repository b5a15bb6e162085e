import { Recorder, Snapshot } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { codeOf, createGame, errorOf } from '../fixtures/game.ts'
import { tickScript } from '../fixtures/scripts.ts'

/** Returns as many nested lists as `levels`. */
const nested = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`)

/** A script whose state, and the result of `deep`, is as many nested lists as `levels`. */
const deep = (levels: number): string => `(module
  (memory (export "memory") 16)
  (func $lists (result i32 i32)
    (memory.fill (i32.const 0) (i32.const 91) (i32.const ${levels}))
    (memory.fill (i32.const ${levels}) (i32.const 93) (i32.const ${levels}))
    (i32.const 0) (i32.const ${2 * levels}))
  (func (export "get_state") (result i32 i32) (call $lists))
  (func (export "deep") (result i32 i32) (call $lists))
  (func (export "take") (param i32 i32))
  (func (export "set_state") (param i32 i32)))`

describe('JSON that nests too deeply', () => {
  it('is refused as a result and as a state, and the game can still be saved', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(deep(400_000), { name: 'deep' })
    for (const read of [() => runtime.readState(id), () => runtime.callJson(id, 'deep')])
      expect((await errorOf(read)).message).toMatch(/deep.*: the text at 0 cannot be read: it nests deeper than 512 levels.*InvalidJson/)
    expect(await codeOf(runtime.reloadModule(id, deep(3)))).toBe('InvalidJson')
    expect(runtime.restore(Snapshot.fromBytes(runtime.snapshot().toBytes())).scripts[0]?.state).toBe('restored')
    expect(new Recorder(runtime).stop().toBytes().length).toBeGreaterThan(0)
  })

  it('is refused as an argument, recorded or not, and as a config', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(deep(1), { name: 'deep' })
    for (const levels of [513, 400_000]) {
      expect(await codeOf(() => runtime.callJson(id, 'take', nested(levels)))).toBe('InvalidJson')
      const recorder = new Recorder(runtime)
      expect(await codeOf(() => runtime.callJson(id, 'take', nested(levels)))).toBe('InvalidJson')
      expect(recorder.stop().content.inputs).toEqual([])
      expect(await codeOf(runtime.loadModule(tickScript(''), { config: nested(levels) }))).toBe('InvalidOptions')
    }
  })

  it('of 512 levels passes: as a state it is carried over a reload, and by a file to other code', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(deep(512), { name: 'deep' })
    const bytes = runtime.snapshot().toBytes()
    expect(runtime.callJson(id, 'deep')).toEqual(nested(512))
    expect((await runtime.reloadModule(id, deep(2))).state).toBe('restored')
    expect(runtime.restore(Snapshot.fromBytes(bytes)).scripts).toEqual([{ script: 'deep', state: 'converted' }])
  })
})
