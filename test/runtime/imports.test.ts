import { runInNewContext } from 'node:vm'
import { addComponent, addEntity, entityExists, hasComponent, query } from 'bitecs'
import { defineComponents, type FieldType } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { codeOf, createGame, errorOf } from '../fixtures/game.ts'
import { tickScript, updateScript } from '../fixtures/scripts.ts'

const ACCESS = (type: string): string => `(module
  (import "ecs.get" "Value.of" (func $get (param i32) (result ${type})))
  (import "ecs.set" "Value.of" (func $set (param i32 ${type})))
  (func (export "get") (param i32) (result ${type}) (call $get (local.get 0)))
  (func (export "set") (param i32 ${type}) (call $set (local.get 0) (local.get 1))))`

describe('ecs.get and ecs.set', () => {
  const columns: readonly [FieldType, string, number, number][] = [
    ['f32', 'f32', 0.1, Math.fround(0.1)],
    ['f64', 'f64', 0.1, 0.1],
    ['i8', 'i32', 200, -56],
    ['u8', 'i32', -1, 255],
    ['i16', 'i32', 40_000, -25_536],
    ['u16', 'i32', 65_537, 1],
    ['i32', 'i32', -2_147_483_648, -2_147_483_648],
    ['u32', 'i32', 4_294_967_295, -1],
    ['eid', 'i32', 4_294_967_295, -1],
  ]
  it.each(columns)('read and write a column of %s as %s', async (field, type, written, read) => {
    const components = defineComponents({ Value: { of: field } }, { capacity: 10, reserve: 0 })
    const { runtime } = await createGame({ components })
    const id = await runtime.loadModule(ACCESS(type))
    runtime.call(id, 'set', 3, written)
    expect(runtime.call(id, 'get', 3)).toBe(read)
    expect(components.Value.of[3]).toBe(field === 'u32' || field === 'eid' ? 4_294_967_295 : read)
    expect(components.Value.of[2]).toBe(0)
    expect(components.Value.of[4]).toBe(0)
  })

  it.each([10, -1, 2 ** 31, 2 ** 32 - 1])('trap at entity %d, past the capacity', async (entity) => {
    const { runtime } = await createGame({ components: defineComponents({ Value: { of: 'f32' } }, { capacity: 10, reserve: 0 }) })
    const id = await runtime.loadModule(ACCESS('f32'))
    for (const work of [() => runtime.call(id, 'get', entity), () => runtime.call(id, 'set', entity, 1)]) {
      expect(await codeOf(work)).toBe('EntityOutOfRange')
    }
  })
})

const ENTITIES = `
  (import "ecs" "spawn" (func $spawn (result i32)))
  (import "ecs" "despawn" (func $despawn (param i32)))
  (import "ecs" "exists" (func $exists (param i32) (result i32)))
  (import "ecs" "attach" (func $attach (param i32)))
  (import "ecs" "detach" (func $detach (param i32)))
  (import "ecs.has" "Dead" (func $has (param i32) (result i32)))
  (import "ecs.add" "Dead" (func $add (param i32)))
  (import "ecs.remove" "Dead" (func $remove (param i32)))
  (import "test" "see" (func $see (param i32)))`

describe('changes of entities by scripts', () => {
  const watch = (): { seen: number[]; host: { test: { see(_: unknown, value: number): void } } } => {
    const seen: number[] = []
    return { seen, host: { test: { see: (_, value) => void seen.push(value) } } }
  }

  it('spawn, add and attach take effect at once; the new entity is first updated in the next tick', async () => {
    const { seen, host } = watch()
    const { world, components, runtime } = await createGame({ host })
    const id = await runtime.loadModule(`(module ${ENTITIES} (global $made (mut i32) (i32.const 0))
      (func (export "tick") (param f32)
        (if (i32.eqz (global.get $made)) (then
          (global.set $made (call $spawn))
          (call $see (call $exists (global.get $made)))
          (call $add (global.get $made))
          (call $see (call $has (global.get $made)))
          (call $attach (global.get $made)))))
      (func (export "update") (param i32 f32) (call $see (local.get 0))))`)
    runtime.tick(1)
    expect(seen).toEqual([1, 1])
    const [made] = query(world, [components.Dead, runtime.tag(id)])
    runtime.tick(1)
    expect(seen).toEqual([1, 1, made])
  })

  it("despawn, remove and detach take effect when the script's run ends", async () => {
    const { seen, host } = watch()
    const { world, components, runtime } = await createGame({ host })
    const script = updateScript(
      `(call $remove (local.get $eid)) (call $detach (local.get $eid)) (call $see (call $has (local.get $eid)))
       (if (i32.eq (local.get $eid) (global.get $victim)) (then (call $despawn (local.get $eid)) (call $see (call $exists (local.get $eid)))))`,
      `${ENTITIES} (global $victim (export "victim") (mut i32) (i32.const 0)) (func (export "choose") (param i32) (global.set $victim (local.get 0)))`,
    )
    const id = await runtime.loadModule(script, { order: 1 })
    const [one, two] = [addEntity(world, components.Dead), addEntity(world, components.Dead)]
    for (const entity of [one, two]) runtime.attach(entity, id)
    runtime.call(id, 'choose', two)
    await runtime.loadModule(
      tickScript(`(call $see (call $has (i32.const ${one}))) (call $see (call $exists (i32.const ${two})))`, ENTITIES),
      { order: 2 },
    )
    runtime.tick(1)
    // During the run both are unchanged; the next script in the same tick sees the changes.
    expect(seen).toEqual([1, 1, 1, 0, 0])
    expect(entityExists(world, two)).toBe(false)
    expect(hasComponent(world, one, components.Dead)).toBe(false)
    expect(hasComponent(world, one, runtime.tag(id))).toBe(false)
    expect(runtime.tick(1).entities).toBe(0)
  })

  it('ignore a removed entity, and trap at one past the capacity', async () => {
    const { seen, host } = watch()
    const { runtime } = await createGame({ host })
    const id = await runtime.loadModule(`(module ${ENTITIES}
      (func (export "all") (param i32)
        (call $see (call $exists (local.get 0))) (call $see (call $has (local.get 0)))
        (call $add (local.get 0)) (call $remove (local.get 0)) (call $attach (local.get 0)) (call $detach (local.get 0)) (call $despawn (local.get 0)))
      (func (export "add") (param i32) (call $add (local.get 0)))
      (func (export "remove") (param i32) (call $remove (local.get 0)))
      (func (export "attach") (param i32) (call $attach (local.get 0)))
      (func (export "detach") (param i32) (call $detach (local.get 0)))
      (func (export "despawn") (param i32) (call $despawn (local.get 0)))
      (func (export "exists") (param i32) (result i32) (call $exists (local.get 0))))`)
    runtime.call(id, 'all', 77)
    expect(seen).toEqual([0, 0])
    for (const name of ['add', 'remove', 'attach', 'detach', 'despawn']) {
      expect(await codeOf(() => runtime.call(id, name, 1000))).toBe('EntityOutOfRange')
    }
    expect(runtime.call(id, 'exists', 4_000_000_000)).toBe(0)
  })

  it('do not affect the entities of scripts', async () => {
    const { seen, host } = watch()
    const { world, components, runtime } = await createGame({ host })
    const id = await runtime.loadModule(`(module ${ENTITIES}
      (import "ecs.query" "!Position" (func $others (result i32)))
      (func (export "attack") (param i32)
        (call $see (call $exists (local.get 0))) (call $despawn (local.get 0)) (call $add (local.get 0)) (call $see (call $others))))`)
    const { entity } = runtime.script(id)
    runtime.call(id, 'attack', entity)
    expect(seen).toEqual([0, 0])
    expect(entityExists(world, entity)).toBe(true)
    expect(hasComponent(world, entity, components.Dead)).toBe(false)
  })

  it('are limited by spawnsPerTick in every tick', async () => {
    const { runtime, errors } = await createGame({ limits: { spawnsPerTick: 3 } })
    const id = await runtime.loadModule(`(module ${ENTITIES.replace(/\(import "test".*\)/, '')}
      (func (export "spawn") (param i32) (loop $next (drop (call $spawn))
        (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br_if $next (local.get 0)))))`)
    runtime.call(id, 'spawn', 3)
    const error = await errorOf(() => runtime.call(id, 'spawn', 1))
    expect(error.code).toBe('Trap')
    expect(error.message).toContain('limits.spawnsPerTick')
    runtime.tick(1)
    runtime.call(id, 'spawn', 3)
    expect(errors).toHaveLength(1)
  })

  it('are limited by the capacity', async () => {
    const { world, runtime } = await createGame({ components: defineComponents({ Dead: {} }, { capacity: 5, reserve: 0 }) })
    const id = await runtime.loadModule(
      '(module (import "ecs" "spawn" (func $spawn (result i32))) (func (export "spawn") (result i32) (call $spawn)))',
    )
    const before = [runtime.call(id, 'spawn'), runtime.call(id, 'spawn'), runtime.call(id, 'spawn')]
    expect(before).toEqual([2, 3, 4])
    expect(await codeOf(() => runtime.call(id, 'spawn'))).toBe('EntityOutOfRange')
    expect(entityExists(world, 5)).toBe(false)
  })
})

describe('ecs.query and ecs.entity', () => {
  const QUERY = `(module
    (import "ecs.query" "Position !Dead" (func $run (result i32)))
    (import "ecs.entity" "!Dead  Position" (func $entity (param i32) (result i32)))
    (func (export "run") (result i32) (call $run))
    (func (export "entity") (param i32) (result i32) (call $entity (local.get 0))))`

  it('find entities with the components, and without those marked with !', async () => {
    const { world, components, runtime } = await createGame()
    const id = await runtime.loadModule(QUERY)
    const [one, dead, two] = [0, 0, 0].map(() => addEntity(world, components.Position)) as [number, number, number]
    addEntity(world, components.Velocity)
    addComponent(world, dead, components.Dead)
    expect(runtime.call(id, 'run')).toBe(2)
    expect([runtime.call(id, 'entity', 0), runtime.call(id, 'entity', 1)]).toEqual([one, two])
    for (const index of [2, -1]) expect(await codeOf(() => runtime.call(id, 'entity', index))).toBe('EntityOutOfRange')
  })

  it('keep a result until the script runs the query again', async () => {
    const { world, components, runtime } = await createGame()
    const [mine, other] = [await runtime.loadModule(QUERY), await runtime.loadModule(QUERY)]
    const entity = addEntity(world, components.Position)
    expect(runtime.call(mine, 'run')).toBe(1)
    addComponent(world, entity, components.Dead)
    expect(runtime.call(other, 'run')).toBe(0)
    expect(runtime.call(mine, 'entity', 0)).toBe(entity)
    expect(runtime.call(mine, 'run')).toBe(0)
    expect(await codeOf(() => runtime.call(mine, 'entity', 0))).toBe('EntityOutOfRange')
  })

  it('have an empty result before the first run', async () => {
    const { runtime } = await createGame()
    expect(await codeOf(runtime.loadModule(QUERY).then((id) => runtime.call(id, 'entity', 0)))).toBe('EntityOutOfRange')
  })
})

describe('host.log', () => {
  const LOG = (text: string, call: string): string => {
    const bytes = [...new TextEncoder().encode(text)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`)
    return `(module (import "host" "log" (func $log (param i32 i32))) (import "host" "log_level" (func $level (param i32 i32 i32)))
      (memory (export "memory") 1) (data (i32.const 8) "${bytes.join('')}")
      (func (export "tick") (param f32) ${call.replaceAll('TEXT', `(i32.const 8) (i32.const ${bytes.length})`)}))`
  }

  it('logs at info, log_level at a given level, with the script and the tick', async () => {
    const { runtime, logs } = await createGame()
    await runtime.loadModule(
      LOG(
        'grüße 🎮',
        '(call $log TEXT) (call $level (i32.const 0) TEXT) (call $level (i32.const 2) TEXT) (call $level (i32.const 3) TEXT)',
      ),
      { name: 'bard' },
    )
    runtime.tick(1)
    expect(logs).toEqual(['info', 'debug', 'warn', 'error'].map((level) => ({ script: 'bard', level, message: 'grüße 🎮', tick: 0 })))
  })

  it('drops and counts lines past logsPerTick', async () => {
    const { runtime, logs } = await createGame({ limits: { logsPerTick: 2 } })
    const id = await runtime.loadModule(LOG('a', '(call $log TEXT)'.repeat(5)))
    runtime.tick(1)
    expect(logs).toHaveLength(2)
    expect(runtime.script(id).stats.logsDropped).toBe(3)
    runtime.tick(1)
    expect(logs).toHaveLength(4)
  })

  it('traps at a pointer outside the memory', async () => {
    const { runtime, errors } = await createGame()
    await runtime.loadModule(LOG('a', '(call $log (i32.const 65530) (i32.const 7))'))
    runtime.tick(1)
    expect(errors.map((error) => error.code)).toEqual(['InvalidPointer'])
  })
})

describe('host.random', () => {
  const ROLL = '(module (import "host" "random" (func $r (result f64))) (func (export "roll") (result f64) (call $r)))'
  const rolls = async (seed: number, name: string): Promise<unknown[]> => {
    const { runtime } = await createGame({ seed })
    const id = await runtime.loadModule(ROLL, { name })
    return Array.from({ length: 5 }, () => runtime.call(id, 'roll'))
  }

  it('depends only on the seed and the name of the script', async () => {
    const first = await rolls(7, 'dice')
    expect(await rolls(7, 'dice')).toEqual(first)
    expect(await rolls(8, 'dice')).not.toEqual(first)
    expect(await rolls(7, 'cards')).not.toEqual(first)
    for (const value of first as number[]) expect(value >= 0 && value < 1).toBe(true)
  })
})

describe('ecs.random', () => {
  const DRAW = `(module (import "ecs" "random" (func $of (param i32) (result f64))) (import "host" "random" (func $next (result f64)))
    (func (export "of") (param i32) (result f64) (call $of (local.get 0))) (func (export "next") (result f64) (call $next)))`
  const game = async (seed: number, name: string) => {
    const { runtime } = await createGame({ seed })
    const id = await runtime.loadModule(DRAW, { name })
    return { runtime, of: (entity: number) => runtime.call(id, 'of', entity) as number, next: () => runtime.call(id, 'next') }
  }

  it('depends only on the seed, the name of the script, the tick and the entity', async () => {
    const { runtime, of } = await game(7, 'dice')
    const drawn = [of(1), of(2), of(-1)]
    expect([of(1), of(2), of(-1)]).toEqual(drawn)
    expect(new Set(drawn).size).toBe(3)
    const [other, seeded, named] = [await game(7, 'dice'), await game(8, 'dice'), await game(7, 'cards')]
    expect([other.of(2), other.of(1)]).toEqual([drawn[1], drawn[0]])
    expect(seeded.of(1)).not.toBe(drawn[0])
    expect(named.of(1)).not.toBe(drawn[0])
    const before = runtime.snapshot()
    runtime.tick(1)
    expect(of(1)).not.toBe(drawn[0])
    runtime.restore(before)
    expect(of(1)).toBe(drawn[0])
  })

  it('knows an entity by the number that identify returns, so that a client draws what the server draws', async () => {
    const server = await game(7, 'dice')
    const { runtime } = await createGame({ seed: 7, identify: (entity) => entity + 100 })
    const client = await runtime.loadModule(DRAW, { name: 'dice' })
    expect(runtime.call(client, 'of', 3)).toBe(server.of(103))
    expect(await codeOf(createGame({ identify: 7 as never }))).toBe('InvalidOptions')
  })

  it('is spread evenly, also from one entity or tick to the next, and leaves the stream of host.random as it is', async () => {
    const { runtime, of, next } = await game(7, 'dice')
    const bins = new Array<number>(16).fill(0)
    const bits = new Array<number>(53).fill(0)
    for (let round = 0; round < 20; round++) {
      for (let entity = 0; entity < 1000; entity++) {
        const value = of(entity)
        bins[Math.floor(value * 16)] = (bins[Math.floor(value * 16)] as number) + 1
        for (let bit = 0, rest = value; bit < 53; bit++) {
          rest *= 2
          if (rest >= 1) bits[bit] = (bits[bit] as number) + 1
          rest %= 1
        }
      }
      runtime.tick(1)
    }
    for (const count of bins) expect(Math.abs(count - 1250)).toBeLessThan(180)
    for (const count of bits) expect(Math.abs(count - 10_000)).toBeLessThan(370)
    expect(next()).toBe((await game(7, 'dice')).next())
  })
})

describe('a host function', () => {
  it('receives the context of the call and the numbers, and may return one', async () => {
    const seen: unknown[] = []
    const { runtime } = await createGame({
      host: {
        audio: {
          play(context, a: number, b: bigint, c: number) {
            seen.push([context.script.name, context.bytes.length, context.readString(4, 3), context.readJson(8, 4), a, b, c])
            return 2 ** 31
          },
          big: () => 2n ** 40n,
          yes: () => true,
          two: () => [7, 8n],
          few: () => [7],
        },
      },
    })
    const id = await runtime.loadModule(
      `(module (import "audio" "play" (func $play (param i32 i64 f32) (result i32))) (import "audio" "big" (func $big (result i64)))
        (import "audio" "yes" (func $yes (result i32)))
        (import "audio" "two" (func $two (result i32 i64))) (import "audio" "few" (func $few (result i32 i64)))
        (func (export "two") (result i32 i64) (call $two)) (func (export "few") (result i32 i64) (call $few))
        (memory (export "memory") 1) (data (i32.const 4) "\\e2\\82\\ac") (data (i32.const 8) "true")
        (func (export "play") (result i32) (call $play (i32.const -1) (i64.const 5) (f32.const 0.5)))
        (func (export "big") (result i64) (call $big)) (func (export "yes") (result i32) (call $yes)))`,
      { name: 'dj' },
    )
    expect(runtime.call(id, 'play')).toBe(-(2 ** 31))
    expect(seen).toEqual([['dj', 65_536, '€', true, -1, 5n, 0.5]])
    expect(runtime.call(id, 'big')).toBe(2n ** 40n)
    expect(runtime.call(id, 'yes')).toBe(1)
    expect(runtime.call(id, 'two')).toEqual([7, 8n])
    expect(await codeOf(() => runtime.call(id, 'few'))).toBe('HostError')
  })

  it.each([
    [
      'throws',
      () => {
        throw new TypeError('broken')
      },
      /threw 'broken'/,
    ],
    ['returns nothing where a number is wanted', () => undefined, /must return a number and returned undefined/],
    ['is async', async () => 1, /returned a promise/],
  ])('that %s causes a HostError, not a fault of the script', async (_, implementation, message) => {
    const { runtime, errors } = await createGame({ host: { bad: { call: implementation as never } } })
    await runtime.loadModule(tickScript('(drop (call $bad))', '(import "bad" "call" (func $bad (result i32)))'), { name: 'victim' })
    expect(runtime.tick(1).faults).toBe(1)
    expect(errors[0]).toMatchObject({ code: 'HostError', script: 'victim' })
    expect(errors[0]?.message).toMatch(message)
  })

  it.each([
    ['', 'own'],
    ['(result i32)', 'own'],
    ['', "another realm's"],
    ['(result i32)', "another realm's"],
  ])('whose promise rejects is reported, and does not end the process: %s, %s', async (result, realm) => {
    const rejected: unknown[] = []
    const listen = (reason: unknown): void => void rejected.push(reason)
    process.on('unhandledRejection', listen)
    const save = (): Promise<void> =>
      realm === 'own' ? Promise.reject(new Error('no disk')) : runInNewContext("Promise.reject(new Error('no disk'))")
    const { runtime, errors } = await createGame({ host: { test: { save: save as never } } })
    const body = result === '' ? '(call $save)' : '(drop (call $save))'
    const id = await runtime.loadModule(`(module (import "test" "save" (func $save ${result})) (func (export "go") ${body}))`, {
      name: 'saver',
    })
    if (result === '') runtime.call(id, 'go')
    else expect(await codeOf(() => runtime.call(id, 'go'))).toBe('HostError')
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', listen)
    expect(rejected).toEqual([])
    expect(errors.at(-1)).toMatchObject({ code: 'HostError', script: 'saver', detail: expect.stringContaining("no disk'") })
    expect(errors).toHaveLength(result === '' ? 1 : 2)
  })

  it('that reads outside the memory causes a fault of the script', async () => {
    const { runtime, errors } = await createGame({
      host: { audio: { say: (context, pointer: number, length: number) => void context.readString(pointer, length) } },
    })
    await runtime.loadModule(
      tickScript(
        '(call $say (i32.const -1) (i32.const 2))',
        '(import "audio" "say" (func $say (param i32 i32))) (memory (export "memory") 1)',
      ),
    )
    runtime.tick(1)
    expect(errors[0]?.code).toBe('InvalidPointer')
  })
})

describe('the location of an invalid import', () => {
  it('is that of the import, and not of a comment that mentions it', async () => {
    const { runtime } = await createGame()
    const wat = `(module
      ;; (import "ecs.get" "Position.z" is gone)
      (; (import "ecs.get" "Position.z") ;)
      (import "ecs.get" "Position.z" (func (param i32) (result f32)))
      (func (export "tick") (param f32)))`
    expect((await errorOf(runtime.loadModule(wat))).location).toMatchObject({ line: 4, column: 15 })
  })
})
