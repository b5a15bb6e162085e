import { addComponent, addEntity, createWorld, hasComponent, Prefab, removeComponent, removeEntity } from 'bitecs'
import { defineComponents, type LoadOptions, type ScriptError, type VectorObstacle, WasmScriptRuntime } from 'bitscript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HAS_VECTORS } from '../../../src/engine/compile.ts'
import { VectorDifferential } from './vector-differential.ts'

const IMPORTS = `
  (import "ecs.get" "P.x" (func $x (param i32) (result f32)))
  (import "ecs.set" "P.x" (func $set_x (param i32 f32)))
  (import "ecs.get" "P.n" (func $n (param i32) (result i32)))
  (import "ecs.set" "P.n" (func $set_n (param i32 i32)))
  (import "ecs.get" "P.o" (func $o (param i32) (result i32)))
  (import "game" "note" (func $note (param i32)))`

function updateOf(body: string, more = ''): string {
  return `(module ${IMPORTS} ${more}
  (func (export "update") (param $e i32) (param $dt f32)
    ${body}))`
}

interface Game {
  readonly runtime: WasmScriptRuntime
  readonly components: ReturnType<typeof makeComponents>
  readonly id: Awaited<ReturnType<WasmScriptRuntime['loadModule']>>
  readonly notes: number[]
  readonly errors: ScriptError[]
  readonly entities: readonly number[]
}

function makeComponents() {
  return defineComponents({ P: { x: 'f32', n: 'i32', o: 'eid' } }, { capacity: 100, reserve: 4096 })
}

/** Loads an update and attaches it to entities 1 to `count` whose `n` is their id. */
async function play(text: string, { count = 16, options = {} }: { count?: number; options?: LoadOptions<'P'> } = {}): Promise<Game> {
  const world = createWorld()
  const components = makeComponents()
  const notes: number[] = []
  const errors: ScriptError[] = []
  const host = { game: { note: (_: unknown, entity: number) => void notes.push(entity) } }
  const runtime = await WasmScriptRuntime.create({ world, components, host })
  runtime.on('error', (error) => errors.push(error))
  // Entities come before that of the script, so that their ids begin at 1.
  const entities = Array.from({ length: count }, () => addEntity(world))
  const id = await runtime.loadModule(text, { name: 'script', ...options })
  for (const entity of entities) {
    addComponent(world, entity, components.P)
    components.P.n[entity] = entity
    runtime.attach(entity, id)
  }
  return { runtime, components, id, notes, errors, entities }
}

async function obstacleOf(body: string, more?: string): Promise<VectorObstacle | undefined> {
  const { runtime, id } = await play(updateOf(body, more))
  const { obstacle } = runtime.script(id).link ?? {}
  runtime.dispose()
  return obstacle
}

describe.runIf(HAS_VECTORS)('an update that runs on four entities at once', () => {
  it('gives the same as one by one, for entities in full groups and in others', async () => {
    const text = updateOf('(call $set_x (local.get $e) (f32.add (call $x (local.get $e)) (local.get $dt)))')
    const { runtime, components, id, entities } = await play(text, { count: 10 })
    expect(runtime.script(id).link).toMatchObject({ path: 'inline', vector: true, obstacle: undefined })
    runtime.tick(0.5)
    for (const entity of entities) expect(components.P.x[entity]).toBe(0.5)
    expect(components.P.x[0]).toBe(0)
    expect(components.P.x[11]).toBe(0)
    expect(runtime.script(id).stats.calls).toBe(10)
  })

  it('does not with vector: false', async () => {
    const text = updateOf('(call $set_x (local.get $e) (local.get $dt))')
    const { runtime, id } = await play(text, { options: { vector: false } })
    expect(runtime.script(id).link).toMatchObject({ vector: false, obstacle: undefined })
  })

  it('calls the host for the entities that meet a condition, in order, with all entities before them done', async () => {
    const text = updateOf(`
      (call $set_n (local.get $e) (i32.add (call $n (local.get $e)) (i32.const 100)))
      (if (i32.eq (i32.rem_u (local.get $e) (i32.const 5)) (i32.const 0))
        (then (call $note (call $n (i32.sub (local.get $e) (i32.const 1))))))`)
    const { runtime, notes } = await play(text)
    runtime.tick(1)
    expect(notes).toEqual([104, 109, 114])
  })

  it('traps at the entity that divides by zero, and the entities after it run', async () => {
    const text = updateOf(`
      (call $set_x (local.get $e) (f32.convert_i32_s
        (i32.div_s (i32.const 12) (i32.sub (local.get $e) (i32.const 6)))))`)
    const { runtime, components, errors } = await play(text, { options: { onFault: 'detach' } })
    runtime.tick(1)
    expect(errors.map(({ code, entity }) => [code, entity])).toEqual([['Trap', 6]])
    expect([4, 5, 6, 7, 8].map((entity) => components.P.x[entity])).toEqual([-6, -12, 0, 12, 6])
  })

  it('names the line of the trap', async () => {
    const { errors, runtime } = await play(updateOf('(if (i32.eq (local.get $e) (i32.const 7))\n(then (unreachable)))'))
    runtime.tick(1)
    expect(errors[0]?.location?.line).toBe(10)
    expect(errors[0]?.trace?.[0]?.function).toBe('update')
  })

  it('runs out of fuel at the same entity', async () => {
    const text = updateOf('(call $set_x (local.get $e) (local.get $dt))')
    const done = await Promise.all(
      [true, false].map(async (vector) => {
        const { runtime, components, errors, entities } = await play(text, { options: { vector, limits: { fuel: 37 } } })
        runtime.tick(1)
        return { errors: errors.map(({ code, entity }) => [code, entity]), done: entities.filter((entity) => components.P.x[entity] === 1) }
      }),
    )
    expect(done[0]).toEqual(done[1])
    expect(done[0]?.errors).toEqual([['OutOfFuel', expect.any(Number)]])
  })

  it('charges the same, however many full groups follow each other, and whichever leaves', async () => {
    const text = updateOf(`
      (if (i32.eq (call $n (local.get $e)) (i32.const -1)) (then (call $note (local.get $e)) (return)))
      (if (i32.and (local.get $e) (i32.const 1)) (then (call $set_x (local.get $e) (local.get $dt))))`)
    for (const count of [3, 31, 32, 35, 64, 67, 98]) {
      const [groups, alone] = await Promise.all([true, false].map((vector) => play(text, { count, options: { vector } })))
      if (groups === undefined || alone === undefined) throw new Error('two games')
      for (const left of [undefined, ...groups.entities.filter((entity) => entity % 7 === 0)]) {
        const [one, other] = [groups, alone].map(({ runtime, components, id, notes, entities }) => {
          notes.length = 0
          components.P.x.fill(0)
          if (left !== undefined) components.P.n[left] = -1
          runtime.tick(1)
          if (left !== undefined) components.P.n[left] = left
          return {
            fuel: runtime.script(id).stats.fuel,
            notes: [...notes],
            moved: entities.filter((entity) => components.P.x[entity] === 1),
          }
        })
        expect(one, `${count} entities, of which ${left} leaves`).toEqual(other)
        expect(one?.notes).toEqual(left === undefined ? [] : [left])
      }
      groups.runtime.dispose()
      alone.runtime.dispose()
    }
  })

  it('turns the sign of no more than those that meet a condition, of NaN and zero, too', async () => {
    const text = updateOf(`
      (if (i32.and (local.get $e) (i32.const 1))
        (then (call $set_x (local.get $e) (f32.neg (call $x (local.get $e))))))`)
    const { runtime, components, entities } = await play(text)
    for (const entity of entities) components.P.x[entity] = [0, -0, 3, -3, Number.NaN][entity % 5] as number
    const expected = entities.map((entity) => (entity % 2 === 1 ? -(components.P.x[entity] as number) : components.P.x[entity]))
    runtime.tick(1)
    expect(entities.map((entity) => components.P.x[entity])).toEqual(expected)
  })

  it('limits numbers by constants as one by one, NaN and both zeros, too', async () => {
    for (const limit of ['0', '-0', '1', '-2', 'inf']) {
      for (const operation of ['min', 'max']) {
        const value = '(call $x (local.get $e))'
        const bound = `(f32.const ${limit})`
        const limited = (operands: string): string => `(i32.reinterpret_f32 (f32.${operation} ${operands}))`
        // Whether a NaN has a sign is up to the engine.
        const text = updateOf(`(if (f32.ne ${value} ${value}) (then (call $set_n (local.get $e) (i32.const 1)) (return)))
          (call $set_n (local.get $e) (i32.add ${limited(`${value} ${bound}`)} (i32.mul (i32.const 3) ${limited(`${bound} ${value}`)})))`)
        const [groups, alone] = await Promise.all([true, false].map((vector) => play(text, { options: { vector } })))
        const [one, other] = [groups, alone].map((game) => {
          const { runtime, components, entities } = game as Game
          for (const entity of entities)
            components.P.x[entity] = [0, -0, 3, -3, Number.NaN, 0.5, Number.NEGATIVE_INFINITY][entity % 7] as number
          runtime.tick(1)
          const numbers = entities.map((entity) => components.P.n[entity])
          runtime.dispose()
          return numbers
        })
        expect(one, `${operation} ${limit}`).toEqual(other)
      }
    }
  })

  it('keeps NaN where it limits by a constant', async () => {
    const text = updateOf('(call $set_x (local.get $e) (f32.max (f32.const 0) (f32.min (call $x (local.get $e)) (f32.const 2))))')
    const { runtime, components, entities } = await play(text)
    for (const entity of entities) components.P.x[entity] = entity % 2 === 0 ? Number.NaN : entity - 8
    runtime.tick(1)
    expect(entities.map((entity) => components.P.x[entity])).toEqual(
      entities.map((entity) => (entity % 2 === 0 ? Number.NaN : Math.max(0, Math.min(entity - 8, 2)))),
    )
  })

  it('picks the value of the way that each entity took, of several that meet', async () => {
    const text = updateOf(`
      (local $way i32) (local $value i32)
      (local.set $way (i32.rem_u (local.get $e) (i32.const 5)))
      (local.set $value (i32.const 10))
      (block $done
        (block $c (block $b (block $a (br_table $a $b $c $done (local.get $way)))
            (br_if $done (i32.gt_u (local.get $e) (i32.const 10)))
            (local.set $value (i32.const 11))
            (br $done))
          (local.set $value (i32.const 12))
          (br_if $done (i32.gt_u (local.get $e) (i32.const 10)))
          (local.set $value (i32.const 13))
          (br $done))
        (local.set $value (i32.const 10)))
      (call $set_n (local.get $e) (local.get $value))`)
    const { runtime, components, entities, id } = await play(text)
    expect(runtime.script(id).link?.vector).toBe(true)
    runtime.tick(1)
    expect(entities.map((entity) => components.P.n[entity])).toEqual([13, 10, 10, 10, 11, 13, 10, 10, 10, 11, 12, 10, 10, 10, 10, 12])
  })

  it('reads fields of other entities as those before them left them', async () => {
    const text = updateOf(`
      (call $set_n (local.get $e) (i32.add (i32.const 1) (call $n (i32.sub (local.get $e) (i32.const 1)))))`)
    const { runtime, components, entities } = await play(text)
    runtime.tick(1)
    expect(entities.map((entity) => components.P.n[entity])).toEqual(entities)
  })

  it('sums up fields of entities whose ids it computes, as one by one does', async () => {
    const text = updateOf(`
      (local $at i32) (local $left i32) (local $sum f32)
      (local.set $at (i32.rem_u (i32.mul (local.get $e) (i32.const 7)) (i32.const 60)))
      (local.set $left (i32.const 5))
      (loop $next
        (local.set $sum (f32.add (local.get $sum) (f32.mul (call $x (local.get $at)) (call $x (local.get $at)))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (if (i32.eq (local.get $at) (i32.const 60)) (then (local.set $at (i32.const 0))))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br_if $next (local.get $left)))
      (call $set_x (local.get $e) (f32.mul (local.get $sum) (f32.const 0.01)))`)
    const [one, other] = await Promise.all(
      [true, false].map(async (vector) => {
        const { runtime, components, id, entities } = await play(text, { count: 80, options: { vector } })
        for (const entity of entities) components.P.x[entity] = entity / 3
        for (let tick = 0; tick < 3; tick++) runtime.tick(1)
        return { link: runtime.script(id).link, x: [...components.P.x], fuel: runtime.script(id).stats.fuel }
      }),
    )
    expect(one?.link).toMatchObject({ vector: true })
    expect({ x: one?.x, fuel: one?.fuel }).toEqual({ x: other?.x, fuel: other?.fuel })
  })

  it('leaves entities out that were detached, and takes those that are new', async () => {
    const text = updateOf('(call $set_n (local.get $e) (i32.add (call $n (local.get $e)) (i32.const 100)))')
    const { runtime, components, id } = await play(text, { count: 8 })
    runtime.tick(1)
    runtime.detach(3, id)
    runtime.tick(1)
    expect(components.P.n[3]).toBe(103)
    expect(components.P.n[4]).toBe(204)
    runtime.attach(3, id)
    runtime.tick(1)
    expect(components.P.n[3]).toBe(203)
  })

  it.each([
    ['are known', '(i32.const 3)', 40],
    ['differ between entities', '(call $n (local.get $e))', 5 * 2 ** 5],
  ])('repeats a loop whose rounds %s', async (_, rounds, expected) => {
    const text = updateOf(`
      (local $left i32)
      (local.set $left ${rounds})
      (loop $again
        (call $set_n (local.get $e) (i32.shl (call $n (local.get $e)) (i32.const 1)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br_if $again (i32.gt_s (local.get $left) (i32.const 0))))`)
    const { runtime, components, id } = await play(text)
    expect(runtime.script(id).link?.vector).toBe(true)
    runtime.tick(1)
    expect(components.P.n[5]).toBe(expected)
  })

  it.each([
    ['a call of the host', '(call $note (local.get $e))', 'a call of game note', 6],
    ['a write to another entity', '(call $set_n (i32.const 3) (i32.const 1))', 'a write to another entity', 6],
    ['a write to a global', '(global.set 0 (i32.const 1))', 'global.set', 6],
    ['numbers of 64 bits', '(drop (i64.add (i64.const 1) (i64.const 2)))', 'an i64', 21],
  ])('is prevented by %s, and says where', async (_, body, why, column) => {
    const obstacle = await obstacleOf(body, '(global (mut i32) (i32.const 0))')
    expect(obstacle).toEqual({ why, function: 'update', location: { file: 'script.wat', line: 9, column } })
  })

  it('does not take long to find that tables have too many labels', async () => {
    const table = `(block $done (br_table ${'$done '.repeat(100)} (local.get $e)))`
    expect((await obstacleOf(table.repeat(51)))?.why).toBe('too many labels of br_table')
    expect(await obstacleOf(table.repeat(3))).toBeUndefined()
  })

  it('does not take long to follow a condition that is combined with itself again and again', async () => {
    const text = updateOf(`
      (local $c i32)
      (local.set $c (i32.eq (local.get $e) (i32.const 3)))
      ${'(local.set $c (i32.and (local.get $c) (i32.or (local.get $c) (local.get $c))))'.repeat(200)}
      (call $set_x (local.get $e) (call $x (i32.add (i32.const 50) (select (local.get $e) (i32.const 0) (local.get $c)))))`)
    const { runtime, components, id } = await play(text)
    expect(runtime.script(id).link).toMatchObject({ vector: true })
    components.P.x[53] = 5
    runtime.tick(1)
    expect([2, 3, 4].map((entity) => components.P.x[entity])).toEqual([0, 5, 0])
  })

  it('does not take long to find that loops in each other repeat too much', async () => {
    const repeat = (depth: number): string =>
      depth === 0
        ? ''
        : `(local.set $n${depth} (i32.const 0))
           (loop $l${depth}
             (local.set $n${depth} (i32.add (local.get $n${depth}) (i32.const 1)))
             ${repeat(depth - 1)}
             (br_if $l${depth} (i32.lt_s (local.get $n${depth}) (i32.const 60))))`
    const locals = Array.from({ length: 12 }, (_, depth) => `(local $n${depth + 1} i32)`).join(' ')
    expect((await obstacleOf(`${locals} ${repeat(12)}`))?.why).toBe('loops or calls that repeat too much')
  })

  it('runs one by one for a while if most groups leave', async () => {
    const text = updateOf('(if (i32.ge_u (call $n (local.get $e)) (i32.const 1)) (then (call $note (local.get $e))))')
    const { runtime, notes, entities } = await play(text)
    for (let tick = 0; tick < 3; tick++) runtime.tick(1)
    expect(notes).toEqual([...entities, ...entities, ...entities])
  })
})

describe.runIf(HAS_VECTORS)('an update that asks about components, on four entities at once', () => {
  const ASKING = `
  (import "ecs.get" "P.n" (func $n (param i32) (result i32)))
  (import "ecs.set" "P.n" (func $set_n (param i32 i32)))
  (import "ecs.has" "T" (func $has (param i32) (result i32)))
  (import "ecs.add" "T" (func $add (param i32)))
  (import "ecs.remove" "T" (func $remove (param i32)))
  (import "game" "toggle" (func $toggle (param i32)))`
  /** Counts by 100 who has the component, and by 1 who has not. */
  const COUNT = `(call $set_n (local.get $e) (i32.add (call $n (local.get $e))
    (select (i32.const 100) (i32.const 1) (call $has (local.get $e)))))`
  const askingOf = (body: string): string => `(module ${ASKING} (func (export "update") (param $e i32) (param $dt f32) ${body} ${COUNT}))`
  const when = (entity: number, then: string): string => `(if (i32.eq (local.get $e) (i32.const ${entity})) (then ${then}))`

  async function ask(body: string, options: LoadOptions<'P' | 'T'> = {}) {
    const world = createWorld()
    const components = defineComponents({ P: { n: 'i32' }, T: {} }, { capacity: 400, reserve: 65_536 })
    const { P, T } = components
    const toggle = (_: unknown, entity: number): void => {
      if (hasComponent(world, entity, T)) removeComponent(world, entity, T)
      else addComponent(world, entity, T)
    }
    const runtime = await WasmScriptRuntime.create({ world, components, host: { game: { toggle } } })
    const entities = Array.from({ length: 300 }, () => addEntity(world))
    const id = await runtime.loadModule(askingOf(body), { name: 'script', ...options })
    for (const entity of entities) {
      addComponent(world, entity, P)
      runtime.attach(entity, id)
    }
    /** Returns what the entities counted in the ticks since, by entity, as far as it is more than 1 in each. */
    const tick = (ticks = 1): Record<number, number> => {
      P.n.fill(0)
      for (let left = ticks; left > 0; left--) runtime.tick(1)
      return Object.fromEntries([...P.n].flatMap((count, entity) => (count > ticks ? [[entity, count]] : [])))
    }
    return { world, runtime, components, id, entities, tick }
  }

  it('runs so, and sees what changed since the last tick', async () => {
    const { world, runtime, components, id, tick } = await ask('')
    expect(runtime.script(id).link).toMatchObject({ vector: true })
    expect(tick()).toEqual({})
    for (const entity of [1, 6, 7, 300]) addComponent(world, entity, components.T)
    expect(tick()).toEqual({ 1: 100, 6: 100, 7: 100, 300: 100 })
    removeComponent(world, 6, components.T)
    removeEntity(world, 7)
    expect(tick()).toEqual({ 1: 100, 300: 100 })
    // The next entity has the id of the last that was removed.
    const next = addEntity(world)
    addComponent(world, next, components.P)
    runtime.attach(next, id)
    expect(next).toBe(7)
    expect(tick()).toEqual({ 1: 100, 300: 100 })
  })

  it.each<LoadOptions<'P' | 'T'>>([{ vector: true }, { vector: false }, { link: 'host' }])(
    'sees an added component at once, and a removed one until the run ends, with %o',
    async (options) => {
      const { world, components, tick } = await ask(when(10, '(call $add (i32.const 250)) (call $remove (i32.const 251))'), options)
      addComponent(world, 251, components.T)
      expect(tick()).toEqual({ 250: 100, 251: 100 })
      expect(tick()).toEqual({ 250: 100 })
    },
  )

  it.each<LoadOptions<'P' | 'T'>>([{ vector: true }, { vector: false }, { link: 'host' }])(
    'sees what functions of the game change, also of prefabs, of which no observer hears, with %o',
    async (options) => {
      const body = [10, 100].map((entity) => when(entity, '(call $toggle (i32.const 11)) (call $toggle (i32.const 200))')).join(' ')
      const { world, tick } = await ask(body, options)
      addComponent(world, 200, Prefab)
      expect(tick(3)).toEqual({ 11: 300 })
      expect(tick(1)).toEqual({ 11: 100 })
    },
  )

  it('does not count the entity of a script', async () => {
    const { world, runtime, components, id, tick } = await ask('')
    const own = runtime.script(id).entity
    for (const component of [runtime.tag(id), components.T]) addComponent(world, own, component)
    expect(tick()).toEqual({})
  })

  it('sees what a restore puts back, and what a reload finds', async () => {
    const { world, runtime, components, id, tick } = await ask('')
    addComponent(world, 5, components.T)
    const before = runtime.snapshot()
    removeComponent(world, 5, components.T)
    addComponent(world, 9, components.T)
    expect(tick()).toEqual({ 9: 100 })
    runtime.restore(before)
    expect(tick()).toEqual({ 5: 100 })
    await runtime.reloadModule(id, askingOf('(nop)'))
    expect(tick()).toEqual({ 5: 100 })
  })

  it('sees a component that the script declared', async () => {
    const { runtime, id, tick } = await ask('', { components: { Mine: {} } })
    await runtime.reloadModule(id, askingOf(when(10, '(call $add (i32.const 250))')).replaceAll('"T"', '"Mine"'))
    expect(runtime.script(id).link).toMatchObject({ vector: true })
    expect(tick()).toEqual({ 250: 100 })
  })

  it('leaves to ask about another entity', async () => {
    const { runtime, id } = await ask('(drop (call $has (i32.const 1)))')
    expect(runtime.script(id).link?.obstacle?.why).toBe('a question about the components of another entity')
  })
})

describe.runIf(HAS_VECTORS)('random updates', () => {
  let differential: VectorDifferential
  beforeAll(async () => {
    differential = await VectorDifferential.create()
  })
  afterAll(() => differential.dispose())

  it('give the same world, fuel, faults and calls in groups, masked or not, one by one, and by host functions', async () => {
    let vectors = 0
    // The last ones trap behind a start of a function that charges nothing, or little: what the loop of a driver has cached is told all the same.
    for (const seed of [...Array(12).keys(), 1297, 205_234, 206_232]) {
      const { difference, isVector, text } = await differential.compare(seed)
      expect(difference, text).toBeUndefined()
      if (isVector) vectors++
    }
    expect(vectors).toBeGreaterThan(4)
  })
})
