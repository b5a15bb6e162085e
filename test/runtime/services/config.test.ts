import { Recorder, Replay, Snapshot } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { codeOf, createGame, errorOf } from '../../fixtures/game.ts'

const SPEED = `(module (import "config.number" "gun.speed" (func $speed (result f64))) (import "config.flag" "gun.auto" (func $auto (result i32)))
  (func (export "speed") (result f64) (call $speed)) (func (export "auto") (result i32) (call $auto)))`
const config = (speed: unknown, auto: unknown = true) => ({ gun: { speed, auto } })
/** Refuses configs whose JSON is longer than 40 bytes, and counts in its memory how often it was asked. */
const PICKY = `(module (import "config.number" "a" (func $a (result f64))) (memory (export "memory") 1) (data (i32.const 8) "true\\"too long\\"")
  (func (export "a") (result f64) (call $a))
  (func (export "asked") (result i32) (i32.load (i32.const 0)))
  (func (export "validate_config") (param $json i32) (param $length i32) (result i32 i32)
    (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
    (if (i32.gt_u (local.get $length) (i32.const 40)) (then (return (i32.const 12) (i32.const 10))))
    (i32.const 8) (i32.const 4)))`

describe('a value of the config', () => {
  it('is read by its path: a number, or a flag as 1 or 0', async () => {
    const { runtime, logs } = await createGame()
    const id = await runtime.loadModule(SPEED, { config: config(2.5) })
    expect([runtime.call(id, 'speed'), runtime.call(id, 'auto')]).toEqual([2.5, 1])
    expect(logs).toEqual([])
  })

  it.each([
    [undefined, 'UnknownImport', 'config.number::gun.speed is not in the config of the script'],
    [{ gun: { sped: 1, auto: true } }, 'UnknownImport', "did you mean 'gun.sped'?"],
    [{ gun: 5 }, 'UnknownImport', 'config.number::gun.speed is not in the config'],
    [config('fast'), 'InvalidOptions', "the config has a text at 'gun.speed', and config.number::gun.speed needs a number"],
    [config(true), 'InvalidOptions', 'import it from config.flag'],
    [config(1, 1), 'InvalidOptions', "the config has a number at 'gun.auto', and config.flag::gun.auto needs true or false"],
    [config(1, null), 'InvalidOptions', "the config has null at 'gun.auto'"],
  ])('must be in the config when the script is loaded: %j', async (given, code, why) => {
    const { runtime } = await createGame()
    const error = await errorOf(runtime.loadModule(SPEED, { config: given }))
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(why)])
  })

  it('is not found in what objects inherit', async () => {
    const { runtime } = await createGame()
    const inherited = '(module (import "config.number" "constructor.length" (func (result f64))) (func (export "f")))'
    expect(await codeOf(runtime.loadModule(inherited, { config: {} }))).toBe('UnknownImport')
  })

  it('is not looked for by a check that has no config', async () => {
    const { runtime } = await createGame()
    expect((await runtime.checkModule(SPEED)).imports).toHaveLength(2)
    expect(await codeOf(runtime.checkModule(SPEED, { config: {} }))).toBe('UnknownImport')
  })

  it('must be granted, as a module or by its kind', async () => {
    const { runtime } = await createGame()
    await runtime.loadModule(SPEED, { config: config(1), grant: { host: ['config'] } })
    for (const host of [[], ['config.number']])
      expect(await codeOf(runtime.loadModule(SPEED, { config: config(1), grant: { host } }))).toBe('GrantDenied')
  })
})

describe('configure', () => {
  it('changes the values at once, whatever becomes of the object later', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(SPEED, { config: config(1) })
    const next = config(7, false)
    runtime.configure(id, next)
    next.gun.speed = 8
    expect([runtime.call(id, 'speed'), runtime.call(id, 'auto')]).toEqual([7, 0])
    expect(runtime.readConfig(id)).toEqual(config(7, false))
  })

  it('changes nothing if the config lacks what the script imports', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(SPEED, { name: 'gun', config: config(1) })
    for (const wrong of [{}, null, config('2'), { gun: { speed: 3 } }, { ...config(3), big: 1n }]) {
      expect(await errorOf(() => runtime.configure(id, wrong))).toMatchObject({ code: 'InvalidOptions', script: 'gun' })
      expect(runtime.call(id, 'speed')).toBe(1)
    }
  })

  it('changes nothing if validate_config refuses it, not even the script', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(PICKY, { config: { a: 1 } })
    const { code, message } = await errorOf(() => runtime.configure(id, { a: 2, more: 'x'.repeat(40) }))
    expect([code, message]).toEqual(['InvalidOptions', expect.stringContaining('the script does not accept its config: too long')])
    expect([runtime.call(id, 'a'), runtime.call(id, 'asked')]).toEqual([1, 1])
    runtime.configure(id, { a: 2 })
    expect([runtime.call(id, 'a'), runtime.call(id, 'asked')]).toEqual([2, 1])
  })

  it('is refused for a script that has none and checks none', async () => {
    const { runtime } = await createGame()
    const plain = await runtime.loadModule('(module (func (export "tick") (param f32)))')
    expect(await codeOf(() => runtime.configure(plain, { a: 1 }))).toBe('InvalidOptions')
    await runtime.loadModule(SPEED, { config: config(1) })
    const { code, message } = await errorOf(() => runtime.configure(plain, { a: 1 }))
    expect([code, message]).toEqual(['InvalidOptions', expect.stringContaining('it was loaded without a config, so it takes none')])
  })

  it('is refused while scripts run, and for a script that is still loading', async () => {
    const { runtime, errors } = await createGame({ host: { test: { now: () => runtime.configure(id, config(9)) } } })
    const id = await runtime.loadModule(SPEED, { config: config(1) })
    await runtime.loadModule('(module (import "test" "now" (func $now)) (func (export "tick") (param f32) (call $now)))')
    runtime.tick(1)
    expect(errors[0]?.message).toContain('configure was called while scripts are running')
    const loading = runtime.loadModule(SPEED, { name: 'slow', config: config(1) })
    expect(await codeOf(() => runtime.configure(runtime.find('slow')?.id as typeof id, config(2)))).toBe('ScriptNotFound')
    await loading
  })

  it('is what a later reload and a restart link and begin with', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(SPEED, { config: config(1) })
    runtime.configure(id, { ...config(5), extra: 6 })
    await runtime.reloadModule(id, SPEED.replaceAll('gun.speed', 'extra'))
    expect(runtime.call(id, 'speed')).toBe(6)
    // The config of a snapshot has no `extra`, which the code now needs.
    expect(await codeOf(() => runtime.configure(id, config(1)))).toBe('InvalidOptions')
  })

  it('gives an Extism plugin other values, too', async () => {
    const { runtime } = await createGame()
    const plugin = `(module (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
      (import "extism:host/env" "store_u8" (func $store (param i64 i32))) (import "extism:host/env" "config_get" (func $config (param i64) (result i64)))
      (import "extism:host/env" "length" (func $length (param i64) (result i64))) (import "extism:host/env" "output_set" (func $output (param i64 i64)))
      (func (export "read") (result i32) (local $key i64) (local $value i64)
        (local.set $key (call $alloc (i64.const 1))) (call $store (local.get $key) (i32.const 97))
        (local.set $value (call $config (local.get $key)))
        (call $output (local.get $value) (call $length (local.get $value))) (i32.const 0)))`
    const id = await runtime.loadModule(plugin, { config: { a: 1 } })
    expect(runtime.callJson(id, 'read')).toBe(1)
    runtime.configure(id, { a: 'two' })
    expect(new TextDecoder().decode(runtime.callBytes(id, 'read'))).toBe('two')
    expect(runtime.readConfig(id)).toEqual({ a: 'two' })
  })

  it('is part of snapshots, as bytes too', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(SPEED, { name: 'gun', config: config(1) })
    const first = runtime.snapshot()
    runtime.configure(id, config(2))
    const second = runtime.snapshot()
    runtime.restore(first)
    expect(runtime.call(id, 'speed')).toBe(1)
    runtime.restore(second)
    expect(runtime.call(id, 'speed')).toBe(2)
    const other = await createGame()
    const same = await other.runtime.loadModule(SPEED, { name: 'gun', config: config(1) })
    other.runtime.restore(Snapshot.fromBytes(second.toBytes()))
    expect(other.runtime.call(same, 'speed')).toBe(2)
    other.runtime.restore(Snapshot.fromBytes(first.toBytes()))
    expect(other.runtime.call(same, 'speed')).toBe(1)
  })

  it('stays as it is where a snapshot has a config that the code of today cannot run with', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(SPEED, { config: config(1) })
    const saved = runtime.snapshot()
    runtime.configure(id, { ...config(5), extra: 6 })
    await runtime.reloadModule(id, SPEED.replaceAll('gun.speed', 'extra'))
    runtime.restore(saved)
    expect(runtime.call(id, 'speed')).toBe(6)
  })

  it('is recorded, with what was refused', async () => {
    const game = async () => {
      const { runtime } = await createGame()
      return { runtime, id: await runtime.loadModule(SPEED, { name: 'gun', config: config(1) }) }
    }
    const { runtime, id } = await game()
    runtime.configure(id, config(2))
    const recorder = new Recorder(runtime)
    runtime.tick(1)
    await codeOf(() => runtime.configure(id, {}))
    runtime.configure(id, config(3))
    const recording = recorder.stop()
    const other = await game()
    const replay = await Replay.begin(other.runtime, recording)
    await replay.step()
    await replay.run()
    replay.end()
    expect(other.runtime.call(other.id, 'speed')).toBe(3)
  })
})
