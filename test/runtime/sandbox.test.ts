import {
  addComponent,
  addEntity,
  addPrefab,
  entityExists,
  getAllEntities,
  hasComponent,
  IsA,
  observe,
  onRemove,
  query,
  removeEntity,
} from 'bitecs'
import type { WasmScriptRuntime } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { codeOf, createGame, errorOf } from '../fixtures/game.ts'
import { counterScript, tickScript, updateScript } from '../fixtures/scripts.ts'

const IDLE = updateScript('nop')

describe('a script that overflows the stack', () => {
  it('leaves the world consistent, wherever it happens', async () => {
    const { world, components, runtime } = await createGame({ limits: { spawnsPerTick: 1_000_000 } })
    const id = await runtime.loadModule(`(module
      (import "ecs" "spawn" (func $spawn (result i32))) (import "ecs.add" "Dead" (func $add (param i32)))
      (func $deep (param i32) (call $deep (local.get 0)) (drop (i32.const 1)))
      (func $at (param $depth i32)
        (if (local.get $depth) (then (call $at (i32.sub (local.get $depth) (i32.const 1))) (return)))
        (call $add (call $spawn)))
      (func (export "at") (param i32) (call $at (local.get 0))))`)
    let deepest = 1000
    const overflows = (depth: number): boolean => {
      try {
        runtime.call(id, 'at', depth)
        return false
      } catch {
        return true
      }
    }
    while (!overflows(deepest)) deepest += 500
    for (let depth = deepest - 600; depth < deepest + 50; depth += 3) {
      overflows(depth)
      if (getAllEntities(world).length > 900)
        for (const entity of getAllEntities(world)) if (entity !== runtime.script(id).entity) removeEntity(world, entity)
    }
    const dead = new Set(query(world, [components.Dead]))
    for (const entity of getAllEntities(world)) {
      expect(dead.has(entity)).toBe(hasComponent(world, entity, components.Dead))
      addComponent(world, entity, components.Position)
    }
  })
})

describe('a script that calls itself through the host', () => {
  it('ends with StackOverflow, and leaves the world consistent', async () => {
    const again: { call: (depth: number) => void } = { call: () => undefined }
    const { world, components, runtime } = await createGame({ host: { own: { again: (_, depth: number) => again.call(depth) } } })
    const id = await runtime.loadModule(`(module
      (import "ecs" "spawn" (func $spawn (result i32))) (import "ecs.add" "Dead" (func $add (param i32)))
      (import "own" "again" (func $again (param i32)))
      (func $down (param $calls i32) (param $depth i32)
        (if (local.get $calls) (then (call $down (i32.sub (local.get $calls) (i32.const 1)) (local.get $depth)) (return)))
        (if (local.get $depth) (then (call $again (i32.sub (local.get $depth) (i32.const 1)))) (else (call $add (call $spawn)))))
      (func (export "at") (param $depth i32) (call $down (i32.const 1500) (local.get $depth))))`)
    again.call = (depth) => runtime.call(id, 'at', depth)
    const codes: unknown[] = []
    for (let depth = 0; depth < 100; depth++) codes.push(await codeOf(() => runtime.call(id, 'at', depth)).catch(() => 'none'))
    expect(codes[0]).toBe('none')
    expect(codes[99]).not.toBe('none')
    const dead = new Set(query(world, [components.Dead]))
    for (const entity of getAllEntities(world)) expect(dead.has(entity)).toBe(hasComponent(world, entity, components.Dead))
  })

  it('ends after a number of nested calls, however little of the stack it uses', async () => {
    const again = { call: (_: number): unknown => undefined }
    const { runtime } = await createGame({ host: { own: { again: (_, left: number) => void again.call(left) } } })
    const id = await runtime.loadModule(`(module (import "own" "again" (func $again (param i32)))
      (func (export "at") (param i32) (if (local.get 0) (then (call $again (i32.sub (local.get 0) (i32.const 1)))))))`)
    again.call = (left) => runtime.call(id, 'at', left)
    runtime.call(id, 'at', 60)
    const error = await errorOf(() => runtime.call(id, 'at', 100_000))
    expect(error.message).toContain('nested too deeply, by way of the host')
  })
})

describe('an observer of the game that throws', () => {
  it('does not stop the tick or the commands after it', async () => {
    const { world, components, runtime, errors } = await createGame()
    const id = await runtime.loadModule(
      updateScript('(call $despawn (local.get $eid))', '(import "ecs" "despawn" (func $despawn (param i32)))'),
    )
    const entities = [1, 2, 3].map(() => addEntity(world, components.Position))
    for (const entity of entities) runtime.attach(entity, id)
    const off = observe(world, onRemove(components.Position), (entity: number) => {
      if (entity === entities[0]) throw new Error('observed')
    })
    expect(runtime.tick(1).faults).toBe(0)
    expect(errors.map((error) => error.code)).toEqual(['HostError'])
    expect(entityExists(world, entities[2] as number)).toBe(false)
    off()
    expect(runtime.tick(1).tick).toBe(2)
  })
})

describe('a fault in on_attach', () => {
  it('keeps the other notifications until after a reload', async () => {
    const told: number[] = []
    const { world, runtime } = await createGame({ host: { test: { told: (_, entity: number) => void told.push(entity) } } })
    const script = (body: string): string =>
      `(module (import "test" "told" (func $told (param i32))) (func (export "on_attach") (param i32) (call $told (local.get 0)) ${body}))`
    const id = await runtime.loadModule(script('unreachable'))
    const entities = [1, 2, 3].map(() => addEntity(world))
    for (const entity of entities) runtime.attach(entity, id)
    runtime.tick(1)
    expect(told).toEqual([entities[0]])
    await runtime.reloadModule(id, script(''))
    runtime.tick(1)
    expect(told).toEqual(entities)
  })

  it('creates the missing instances after a reload', async () => {
    const { world, runtime } = await createGame()
    const id = await runtime.loadModule(
      `(module (import "host" "tick" (func $tick (result i32)))
        (func (export "init") (if (i32.eq (call $tick) (i32.const 1)) (then unreachable))) (func (export "update") (param i32 f32)))`,
      { instances: 'entity' },
    )
    runtime.attach(addEntity(world), id)
    runtime.tick(1)
    for (let count = 0; count < 3; count++) runtime.attach(addEntity(world), id)
    expect(runtime.tick(1).faults).toBe(1)
    await runtime.reloadModule(id, IDLE)
    expect(runtime.tick(1).entities).toBe(4)
  })
})

describe("the id of a script's entity", () => {
  it('may be reused by an entity of the game, which is not affected', async () => {
    const { world, components, runtime } = await createGame()
    const id = await runtime.loadModule(counterScript())
    for (const entity of getAllEntities(world)) removeEntity(world, entity)
    const player = addEntity(world, components.Position)
    expect(player).toBe(runtime.script(id).entity)
    await runtime.reloadModule(id, counterScript())
    expect(runtime.script(id).entity).not.toBe(player)
    runtime.unloadModule(id)
    expect(entityExists(world, player)).toBe(true)
  })
})

describe('a script that is unloaded by its own host function', () => {
  const leaving = (name: string, params = ''): string =>
    `(module (import "test" "leave" (func $leave)) (memory (export "memory") 1) (func (export "${name}") ${params} (call $leave)))`

  it('in init fails to load, and in set_state fails to reload', async () => {
    let runtime: WasmScriptRuntime | undefined
    const told: string[] = []
    const game = await createGame({ host: { test: { leave: (context) => runtime?.unloadModule(context.script.id) } } })
    runtime = game.runtime
    for (const event of ['load', 'reload', 'unload'] as const) runtime.on(event, () => told.push(event))
    expect(await codeOf(runtime.loadModule(leaving('init')))).toBe('ScriptNotFound')
    const id = await runtime.loadModule(counterScript())
    expect(await codeOf(runtime.reloadModule(id, leaving('set_state', '(param i32 i32)')))).toBe('ScriptNotFound')
    expect(runtime.scripts()).toEqual([])
    expect(told).toEqual(['unload', 'load', 'unload'])
  })

  it('in init rejects with Disposed if the function disposes of the runtime', async () => {
    let runtime: WasmScriptRuntime | undefined
    const game = await createGame({ host: { test: { leave: () => runtime?.dispose() } } })
    runtime = game.runtime
    expect(await codeOf(runtime.loadModule(leaving('init')))).toBe('Disposed')
  })

  it('can no longer be attached', async () => {
    let runtime: WasmScriptRuntime | undefined
    const game = await createGame({ host: { test: { leave: (context) => runtime?.unloadModule(context.script.id) } } })
    runtime = game.runtime
    const id = await runtime.loadModule(
      updateScript(
        '(call $leave) (call $attach (local.get $eid))',
        '(import "test" "leave" (func $leave)) (import "ecs" "attach" (func $attach (param i32)))',
      ),
    )
    runtime.attach(addEntity(game.world), id)
    runtime.tick(1)
    await runtime.loadModule(IDLE)
    expect(runtime.tick(1).entities).toBe(0)
  })
})

describe('a reused tag', () => {
  it('is on no entity, even if the host added it to prefabs meanwhile', async () => {
    const { world, runtime } = await createGame()
    const first = await runtime.loadModule(IDLE)
    const tag = runtime.tag(first)
    const prefab = addPrefab(world)
    runtime.attach(prefab, first)
    runtime.unloadModule(first)
    addComponent(world, addEntity(world), tag)
    const second = await runtime.loadModule(IDLE)
    expect(runtime.tag(second)).toBe(tag)
    addComponent(world, addEntity(world), IsA(prefab))
    expect(runtime.tick(1).entities).toBe(0)
  })
})

describe('the error of an import', () => {
  it('cannot be swallowed by catch_all', async () => {
    const { runtime, errors } = await createGame({
      host: {
        test: {
          fail: () => {
            throw new Error('host')
          },
        },
      },
    })
    for (const [call, code] of [
      ['(drop (call $x (i32.const -1)))', 'EntityOutOfRange'],
      ['(call $fail)', 'HostError'],
    ] as const) {
      await runtime.loadModule(
        tickScript(
          `(try (do ${call}) (catch_all))`,
          '(import "ecs.get" "Position.x" (func $x (param i32) (result f32))) (import "test" "fail" (func $fail))',
        ),
      )
      expect(runtime.tick(1).faults).toBe(1)
      expect(errors.at(-1)?.code).toBe(code)
    }
  })

  it('is the fault of the script that ran, if it called another through the host', async () => {
    let runtime: WasmScriptRuntime | undefined
    const game = await createGame({ host: { test: { other: () => void runtime?.call(other, 'boom') } } })
    runtime = game.runtime
    const other = await runtime.loadModule('(module (func (export "boom") unreachable))', { name: 'other' })
    await runtime.loadModule(tickScript('(call $other)', '(import "test" "other" (func $other))'), { name: 'caller' })
    runtime.tick(1)
    expect(game.errors.map(({ script, code }) => `${script} ${code}`)).toEqual(['other Trap', 'caller HostError'])
  })

  it('from a wrong pointer in a call faults the script, as in a tick', async () => {
    const { runtime, errors } = await createGame()
    const id = await runtime.loadModule(
      '(module (import "host" "log" (func $log (param i32 i32))) (memory (export "memory") 1) (func (export "go") (call $log (i32.const -1) (i32.const 9))))',
    )
    expect(await codeOf(() => runtime.call(id, 'go'))).toBe('InvalidPointer')
    expect(runtime.script(id).status).toBe('faulted')
    expect(errors).toHaveLength(1)
  })
})

describe('a single script', () => {
  it('that emits too many events stops only itself', async () => {
    const { runtime, errors } = await createGame()
    await runtime.loadModule(tickScript('(loop $more (call $hit) (br $more))', '(import "emit" "hit" (func $hit))'), { name: 'flood' })
    await runtime.loadModule(tickScript('(call $hit)', '(import "emit" "hit" (func $hit))'), { name: 'quiet' })
    runtime.tick(1)
    runtime.emit('hit')
    expect(errors.map(({ script }) => script)).toEqual(['flood'])
  })

  it('cannot have a shared memory, on which it could wait forever', async () => {
    const { runtime } = await createGame()
    const shared = new Uint8Array([
      0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 5, 4, 1, 3, 1, 1, 7, 5, 1, 1, 97, 0, 0, 10, 4, 1, 2, 0, 11,
    ])
    const error = await errorOf(runtime.loadModule(shared))
    expect(error.code).toBe('InvalidBinary')
    expect(error.message).toContain('shared')
  })

  it('has its long log lines cut', async () => {
    const { runtime, logs, errors } = await createGame()
    await runtime.loadModule(
      tickScript(
        '(call $log (i32.const 0) (i32.const 1000000)) (call $log (i32.const 0) (i32.const 2000000))',
        '(import "host" "log" (func $log (param i32 i32))) (memory (export "memory") 16)',
      ),
    )
    runtime.tick(1)
    expect(logs.map(({ message }) => message.length)).toEqual([16_384])
    expect(errors.map(({ code }) => code)).toEqual(['InvalidPointer'])
  })
})

describe('text passed to a script', () => {
  it('is released with dealloc even if the result is invalid', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(`(module (memory (export "memory") 1) (global $open (mut i32) (i32.const 0))
      (func (export "alloc") (param i32) (result i32) (global.set $open (i32.add (global.get $open) (i32.const 1))) (i32.const 64))
      (func (export "dealloc") (param i32 i32) (global.set $open (i32.sub (global.get $open) (i32.const 1))))
      (func (export "open") (result i32) (global.get $open))
      (func (export "bad") (param i32 i32) (result i32 i32) (i32.const 0) (i32.const 3))
      (func (export "good") (param i32 i32) (result i32 i32) (local.get 0) (local.get 1)))`)
    expect(runtime.callJson(id, 'good', { a: 1 })).toEqual({ a: 1 })
    expect(await codeOf(() => runtime.callJson(id, 'bad', 1))).toBe('InvalidJson')
    expect(runtime.call(id, 'open')).toBe(0)
  })

  it('is allocated before any code runs, so that memory.grow returns the declared size', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(`(module (memory (export "memory") 1 2) (global $start (mut i32) (i32.const 0))
      (func $begin (global.set $start (memory.grow (i32.const 2)))) (start $begin)
      (func (export "start") (result i32) (global.get $start))
      (func (export "grow") (result i32) (memory.grow (i32.const 1)))
      (func (export "echo") (param i32 i32) (result i32 i32) (local.get 0) (local.get 1)))`)
    expect(runtime.call(id, 'start')).toBe(-1)
    expect(runtime.callJson(id, 'echo', 'ü')).toBe('ü')
    expect(runtime.call(id, 'grow')).not.toBe(-1)
    expect(runtime.call(id, 'grow')).toBe(-1)
    expect(runtime.callJson(id, 'echo', 'ü'.repeat(1000))).toBe('ü'.repeat(1000))
  })
})

describe('options', () => {
  it('are copied, so that later changes have no effect', async () => {
    const grant = { read: ['Position'] }
    const host: Record<string, Record<string, () => void>> = { test: { one: () => undefined } }
    const { runtime } = await createGame({ host })
    const id = await runtime.loadModule('(module (func (export "a")))', { grant })
    grant.read.push('Health')
    const get = '(module (import "ecs.get" "Health.points" (func (param i32) (result i32))) (func (export "a")))'
    expect(await codeOf(runtime.reloadModule(id, get))).toBe('GrantDenied')
    Object.assign(host.test as object, { two: () => undefined })
    expect(await codeOf(runtime.loadModule('(module (import "test" "two" (func)) (func (export "a")))'))).toBe('UnknownImport')
  })

  it('and sources that are invalid are refused with their codes', async () => {
    const { runtime } = await createGame()
    const script = '(module (func (export "a")))'
    for (const wrong of [[], { config: 1n }, { order: Number.POSITIVE_INFINITY }]) {
      expect(await codeOf(runtime.loadModule(script, wrong as never))).toBe('InvalidOptions')
    }
    for (const wrong of [{ host: [] }, { components: { A: null } }, { components: { A: { data: [] } } }]) {
      expect(await codeOf(createGame(wrong as never))).toBe('InvalidOptions')
    }
    expect(await codeOf(runtime.loadModule(new URL('http://127.0.0.1:1/100%.wat')))).toBe('LoadFailed')
    expect(
      await codeOf(runtime.loadModule('(module (import "ecs.query" "Position ! Dead" (func (result i32))) (func (export "a")))')),
    ).toBe('UnknownImport')
  })
})
