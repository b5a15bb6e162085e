import { addEntity, entityExists, hasComponent, observe, onAdd } from 'bitecs'
import { countEntities } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { codeOf, createGame, errorOf } from '../../fixtures/game.ts'
import { updateScript } from '../../fixtures/scripts.ts'

describe('spawn, write and despawn', () => {
  it('add an entity with components and values', async () => {
    const { world, components, runtime } = await createGame()
    const entity = runtime.spawn({ Position: { x: 1, y: 2 }, Dead: {} })
    expect([components.Position.x[entity], components.Position.y[entity]]).toEqual([1, 2])
    expect([components.Dead, components.Velocity].map((each) => hasComponent(world, entity, each))).toEqual([true, false])
    expect(entityExists(world, runtime.spawn())).toBe(true)
  })

  it('begin fields that are left out at 0, whatever the entity before had', async () => {
    const Plain = { hp: [] as number[], short: new Float32Array(1) }
    const { components } = await createGame()
    const { runtime } = await createGame({ components: { ...components, Plain } })
    const { Position, Health } = components
    const adding = await runtime.loadModule(`(module (import "ecs.add" "Position" (func $position (param i32)))
      (import "ecs.add" "Plain" (func $plain (param i32)))
      (func (export "add") (param i32) (call $position (local.get 0)) (call $plain (local.get 0))))`)
    const dirty = (entity: number): void => {
      Position.x[entity] = Position.y[entity] = Health.points[entity] = Plain.hp[entity] = 9
    }
    const look = (entity: number): unknown[] => [Position.x[entity], Position.y[entity], Health.points[entity], Plain.hp[entity]]
    dirty(2)
    const entity = runtime.spawn({ Position: { y: 5 }, Plain: {} })
    expect([entity, look(entity)]).toEqual([2, [0, 5, 9, 0]])
    runtime.write(entity, { Health: {}, Position: { x: 1 } })
    expect(look(entity)).toEqual([1, 5, 0, 0])
    const other = runtime.spawn()
    dirty(other)
    runtime.call(adding, 'add', other)
    expect(look(other)).toEqual([0, 0, 9, 0])
    // A component that it has already is not begun again.
    runtime.write(entity, { Position: {} })
    runtime.call(adding, 'add', entity)
    expect(look(entity)).toEqual([1, 5, 0, 0])
  })

  it('write the fields before observers of the component hear of the entity', async () => {
    const { world, components, runtime } = await createGame()
    const seen: unknown[] = []
    observe(world, onAdd(components.Health), (entity: number) => seen.push(components.Health.points[entity]))
    const entity = runtime.spawn({ Health: { points: 3 } })
    runtime.write(entity, { Health: null })
    runtime.write(entity, { Health: { points: 4 } })
    expect(seen).toEqual([3, 4])
  })

  it('write fields, add missing components, and remove those that are null', async () => {
    const { world, components, runtime } = await createGame()
    const entity = addEntity(world, components.Dead)
    runtime.write(entity, { Health: { points: 2 ** 32 + 7 }, Dead: null })
    expect(components.Health.points[entity]).toBe(7)
    expect([components.Health, components.Dead].map((each) => hasComponent(world, entity, each))).toEqual([true, false])
  })

  it('remove an entity', async () => {
    const { world, runtime } = await createGame()
    const entity = runtime.spawn({ Position: {} })
    runtime.despawn(entity)
    expect(entityExists(world, entity)).toBe(false)
    expect(await codeOf(() => runtime.despawn(entity))).toBe('EntityOutOfRange')
  })

  it.each([
    [{ Positon: {} }, "there is no component 'Positon'; did you mean 'Position'?"],
    [{ Position: { z: 1 } }, "Position has no field 'z'"],
    [{ Position: { x: '1' } }, 'Position.x must be a number, not string'],
    [{ Position: 1 }, 'Position must be an object of fields'],
  ])('refuse %j and change nothing', async (changes, message) => {
    const { world, components, runtime } = await createGame()
    const entity = addEntity(world)
    const error = await errorOf(() => runtime.write(entity, { Dead: {}, ...(changes as object) }))
    expect(error).toMatchObject({ code: 'InvalidOptions', message: expect.stringContaining(message) })
    expect(await codeOf(() => runtime.spawn(changes as never))).toBe('InvalidOptions')
    expect(hasComponent(world, entity, components.Dead)).toBe(false)
    expect(countEntities(world)).toBe(1)
  })

  it('refuse values that are not objects', async () => {
    const { runtime } = await createGame()
    for (const wrong of [null, [], 7]) expect(await codeOf(() => runtime.spawn(wrong as never))).toBe('InvalidOptions')
  })

  it('refuse entities that are not of the game', async () => {
    const { runtime } = await createGame()
    const script = runtime.script(await runtime.loadModule(updateScript('')))
    for (const entity of [0, 77, 1.5, 2000, script.entity]) {
      expect(await codeOf(() => runtime.write(entity, { Dead: {} }))).toBe('EntityOutOfRange')
      expect(await codeOf(() => runtime.despawn(entity))).toBe('EntityOutOfRange')
    }
  })

  it('throw EntityOutOfRange past the capacity, and change nothing', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(updateScript(''))
    const first = runtime.spawn()
    runtime.attach(first, id)
    for (let count = first; count < 999; count++) runtime.spawn()
    expect(await codeOf(() => runtime.spawn())).toBe('EntityOutOfRange')
    expect(runtime.tick(1)).toMatchObject({ entities: 1, faults: 0 })
  })

  it('from a host function take effect as the commands of scripts do, and report its mistakes as HostError', async () => {
    const alive: boolean[] = []
    const game = await createGame({
      host: {
        test: {
          kill(_, entity: number) {
            game.runtime.despawn(entity)
            alive.push(entityExists(game.world, entity))
          },
          slip: () => game.runtime.write(12345, {}),
          careful() {
            try {
              game.runtime.write(12345, {})
            } catch {}
          },
        },
      },
    })
    const { world, runtime, errors } = game
    const imports = ['kill', 'slip', 'careful'].map((name) => `(import "test" "${name}" (func $${name} (param i32)))`).join(' ')
    const run = async (name: string): Promise<number> => {
      const entity = addEntity(world)
      runtime.attach(entity, await runtime.loadModule(updateScript(`(call $${name} (local.get $eid))`, imports), { name }))
      runtime.tick(1)
      return entity
    }
    const killed = await run('kill')
    expect([alive, entityExists(world, killed)]).toEqual([[true], false])
    await run('careful')
    expect(errors).toEqual([])
    await run('slip')
    expect(errors).toMatchObject([{ code: 'HostError', script: 'slip' }])
  })
})
