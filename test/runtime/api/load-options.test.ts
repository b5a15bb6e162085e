import { createWorld } from 'bitecs'
import { DEFAULT_LIMITS, WasmScriptRuntime } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { createGame, errorOf } from '../../fixtures/game.ts'

const SCRIPT = '(module (func (export "a")))'

describe('the options of create', () => {
  it.each([
    [{}, /world must be given|world must be a world/],
    [undefined, /options of create must be given/],
    [{ world: {} }, /world must be a world made by bitECS's createWorld/],
    [
      { world: createWorld(), component: {} },
      /create has no option 'component'; allowed are world, components, relations, limits, host, seed, identify, onLog, link, probation, http, clock/,
    ],
    [{ world: createWorld(), components: [] }, /components must be an object of components/],
    [{ world: createWorld(), components: { Position: 3 } }, /components.Position must be a bitECS component/],
    [{ world: createWorld(), limits: { fuel: Number.NaN } }, /limits.fuel must be .*not NaN/],
    [{ world: createWorld(), limits: { fuel: -1 } }, /limits.fuel must be a whole number, 1 or more, not -1/],
    [{ world: createWorld(), limits: { fuel: 1.5 } }, /limits.fuel must be a whole number/],
    [{ world: createWorld(), limits: { fuel: 2 ** 30 } }, /limits.fuel must be at most 1073741823, not 1073741824/],
    [{ world: createWorld(), limits: { fule: 1 } }, /no option 'limits.fule'; allowed are fuel, memoryPages/],
    [{ world: createWorld(), seed: '7' }, /seed must be a whole number, 0 or more, not "7"/],
    [{ world: createWorld(), onLog: 'log' }, /onLog must be a function/],
    [{ world: createWorld(), host: { audio: { play: 3 } } }, /host.audio.play must be a function/],
    [{ world: createWorld(), host: { math: { sin: () => 0 } } }, /host.math cannot be given/],
    [{ world: createWorld(), host: { 'ecs.get': {} } }, /host.ecs.get cannot be given/],
  ])('%# are refused with a message that lists what is allowed', async (options, message) => {
    const error = await errorOf(WasmScriptRuntime.create(options as never))
    expect(error.code).toBe('InvalidOptions')
    expect(error.message).toMatch(message)
  })

  it('are read once, and missing limits have their defaults', async () => {
    const limits = { logsPerTick: 3 }
    const { runtime } = await createGame({ limits })
    limits.logsPerTick = 'many' as never
    await runtime.loadModule(SCRIPT)
    expect(DEFAULT_LIMITS).toEqual({
      fuel: 50_000_000,
      memoryPages: 512,
      totalMemoryPages: 4096,
      tableElements: 10_000,
      moduleBytes: 4_194_304,
      loadMs: 30_000,
      jsonBytes: 1_048_576,
      logsPerTick: 100,
      spawnsPerTick: 10_000,
      messages: 1000,
      storageBytes: 1024 * 1024,
    })
  })
})

describe('the options of loadModule', () => {
  it.each([
    [{ nmae: 'a' }, /no option 'nmae'; allowed are name, order/],
    [{ name: '' }, /name must be a text that is not empty/],
    [{ name: 3 }, /name must be a text that is not empty/],
    [{ order: Number.NaN }, /order must be/],
    [{ instances: 'many' }, /instances must be 'shared' or 'entity', not "many"/],
    [{ onFault: 'ignore' }, /onFault must be 'stop', 'detach' or an object/],
    [{ preserve: 'some' }, /preserve must be 'auto' or 'none', not "some"/],
    [{ requires: 'tick' }, /requires must be a list of names/],
    [{ grant: { raed: [] } }, /no option 'grant.raed'; allowed are read, write, change, spawn, emit, host/],
    [{ link: 'fast' }, /link must be 'inline', 'window' or 'host', not "fast"/],
    [{ guest: 'lua' }, /guest must be 'script', 'extism' or 'component', not "lua"/],
  ])('%o are refused', async (options, message) => {
    const { runtime } = await createGame()
    const error = await errorOf(runtime.loadModule(SCRIPT, options as never))
    expect(error.code).toBe('InvalidOptions')
    expect(error.message).toMatch(message)
    expect(runtime.scripts()).toEqual([])
  })
})
