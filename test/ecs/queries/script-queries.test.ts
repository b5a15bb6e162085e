import { addComponent, addEntity, addPrefab, createWorld, IsA, Not, Prefab, query, removeComponent, removeEntity, type World } from 'bitecs'
import type { ScriptError } from 'bitscript'
import { defineComponents } from 'bitscript'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nameComponents } from '../../../src/ecs/components/components.ts'
import { createEcs, type Ecs } from '../../../src/ecs/entities/access.ts'
import { ScriptQueries, type ScriptQuery } from '../../../src/ecs/queries/script-queries.ts'
import { parseTerms, type QueryTerms } from '../../../src/ecs/queries/terms.ts'
import { errorOf } from '../../fixtures/game.ts'

const COMPONENTS = defineComponents({ A: {}, B: { x: 'f32' }, C: {} }, { capacity: 1000, reserve: 1_000_000 })
const terms = (text: string): QueryTerms => parseTerms(text) as QueryTerms

interface Setting {
  readonly world: World
  readonly ecs: Ecs
  /** The errors of refused calls. */
  readonly refused: readonly ScriptError[]
  readonly queries: ScriptQueries
}

function setting(components: Readonly<Record<string, object>> = COMPONENTS): Setting {
  const world = createWorld()
  const refused: ScriptError[] = []
  const ecs = createEcs(world, nameComponents(components), {
    refuse(error) {
      refused.push(error)
      throw error
    },
    charge: () => undefined,
    fuelLeft: () => Number.POSITIVE_INFINITY,
  })
  return { world, ecs, refused, queries: new ScriptQueries(ecs, ecs.components.reserve) }
}

/** Runs a query as a script does: its queries are registered first. */
const run = (made: ScriptQuery): number => {
  made.register()
  return made.run()
}
const result = (made: ScriptQuery): number[] => Array.from({ length: run(made) }, (_, index) => made.entity(index))

describe('a query of a script', () => {
  it('is the same query for the same terms in any order', () => {
    const { queries } = setting()
    expect(queries.get(terms('A B !C'))).toBe(queries.get(terms('!C  B A')))
    expect(queries.get(terms('A B'))).not.toBe(queries.get(terms('A !B')))
  })

  it('keeps its result until it runs again', () => {
    const { world, queries } = setting()
    const entities = Array.from({ length: 5 }, () => addEntity(world, COMPONENTS.A))
    const made = queries.get(terms('A'))
    expect(result(made)).toEqual(entities)
    removeEntity(world, entities[0] as number)
    addEntity(world, COMPONENTS.A)
    removeComponent(world, entities[2] as number, COMPONENTS.A)
    expect([0, 1, 2, 3, 4].map((index) => made.entity(index))).toEqual(entities)
    expect(result(made)).toEqual([...query(world, [COMPONENTS.A])])
  })

  it.each([
    ['no change', () => undefined],
    ['an entity is added', ({ world }: Setting) => void addEntity(world, COMPONENTS.A)],
    ['an entity is removed', ({ world }: Setting, entity: number) => removeEntity(world, entity)],
    ['a component is removed', ({ world }: Setting, entity: number) => removeComponent(world, entity, COMPONENTS.A)],
    [
      'a component is removed and added again',
      ({ world }: Setting, entity: number) => {
        removeComponent(world, entity, COMPONENTS.A)
        addComponent(world, entity, COMPONENTS.A)
      },
    ],
    ['an excluded component is added', ({ world }: Setting, entity: number) => addComponent(world, entity, COMPONENTS.C)],
    [
      'its id is reused without the component',
      ({ world }: Setting, entity: number) => {
        removeEntity(world, entity)
        addEntity(world)
      },
    ],
    [
      'its id is reused with the component',
      ({ world }: Setting, entity: number) => {
        removeEntity(world, entity)
        addEntity(world, COMPONENTS.A)
      },
    ],
    ['a prefab is added', ({ world }: Setting) => addComponent(world, addPrefab(world), COMPONENTS.A)],
    [
      'an instance of a prefab is added',
      ({ world }: Setting) => {
        const prefab = addPrefab(world)
        addComponent(world, prefab, COMPONENTS.A)
        addComponent(world, addEntity(world), IsA(prefab))
      },
    ],
    ['the entity becomes a prefab', ({ world }: Setting, entity: number) => addComponent(world, entity, Prefab)],
    ['the game runs the same query', ({ world }: Setting) => void query(world, [COMPONENTS.A])],
  ])('finds the same entities as the game, before and after: %s', (_, change) => {
    for (const [text, all] of [['A !C', [COMPONENTS.A]] as const, ['A', [COMPONENTS.A]] as const]) {
      const made = setting()
      const { world, queries } = made
      const [first, second] = Array.from({ length: 8 }, () => addEntity(world, COMPONENTS.A))
      addComponent(world, first as number, COMPONENTS.C)
      const asked = queries.get(terms(text))
      const expected = (): number[] =>
        [...query(world, [...all])].filter((entity) => text === 'A' || !query(world, [COMPONENTS.C]).includes(entity))
      for (let round = 0; round < 3; round++) {
        expect(result(asked).toSorted((a, b) => a - b)).toEqual(expected().toSorted((a, b) => a - b))
        change(made, second as number)
        const found = result(asked)
        expect(found.toSorted((a, b) => a - b)).toEqual(expected().toSorted((a, b) => a - b))
        // A second run returns the same entities in the same order.
        expect(result(asked)).toEqual(found)
      }
    }
  })

  it('finds the same entities as bitECS in the same order, after any changes of the world', () => {
    const step = fc.record({ kind: fc.nat(6), entity: fc.nat(20), run: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { world, queries } = setting()
        const asked = queries.get(terms('A !C'))
        const entities: number[] = []
        for (const { kind, entity: which, run } of steps) {
          const entity = entities[which % Math.max(1, entities.length)]
          if (entity === undefined || kind === 0) entities.push(addEntity(world, COMPONENTS.A))
          else if (kind === 1) removeEntity(world, entities.splice(which % entities.length, 1)[0] as number)
          else if (kind === 2) addComponent(world, entity, COMPONENTS.A)
          else if (kind === 3) removeComponent(world, entity, COMPONENTS.A)
          else if (kind === 4) addComponent(world, entity, COMPONENTS.C)
          else if (kind === 5) removeComponent(world, entity, COMPONENTS.C)
          else addComponent(world, entity, COMPONENTS.B)
          if (!run) continue
          expect(result(asked)).toEqual([...query(world, [COMPONENTS.A, Not(COMPONENTS.C)])])
        }
        queries.dispose()
      }),
      { seed: 8, numRuns: 150 },
    )
  })

  it('leaves out the entities of scripts if it only excludes components', () => {
    const { world, queries } = setting()
    const entity = addEntity(world, COMPONENTS.A)
    addEntity(world, COMPONENTS.B)
    expect(result(queries.get(terms('!B')))).toEqual([entity])
  })

  it('refuses an index outside its result', async () => {
    const { world, refused, queries } = setting()
    addEntity(world, COMPONENTS.A)
    const made = queries.get(terms('A'))
    for (const index of [0, -1, 2 ** 31]) {
      expect(await errorOf(() => made.entity(index))).toMatchObject({
        code: 'EntityOutOfRange',
        detail: expect.stringContaining('has 0 entities'),
      })
    }
    run(made)
    for (const index of [1, -1]) expect((await errorOf(() => made.entity(index))).code).toBe('EntityOutOfRange')
    expect(refused.map(({ code }) => code)).toEqual(new Array(5).fill('EntityOutOfRange'))
  })

  it('skips entities removed in a transaction, and finds them again after it is undone', () => {
    const { world, ecs, queries } = setting()
    const [first, second] = [addEntity(world, COMPONENTS.A), addEntity(world, COMPONENTS.A)]
    const made = queries.get(terms('A'))
    expect(run(made)).toBe(2)
    const failing = (): void =>
      ecs.journal.transaction(() => {
        removeComponent(world, first, COMPONENTS.A)
        ecs.journal.record(() => addComponent(world, first, COMPONENTS.A))
        expect(result(made)).toEqual([second])
        throw new Error('no')
      })
    expect(failing).toThrow('no')
    expect(result(made).toSorted((a, b) => a - b)).toEqual([first, second])
  })
})

describe('the result of a query', () => {
  const wordsAt = (ecs: Ecs, address: number, count: number): number[] => [
    ...new Uint32Array(ecs.components.reserve?.memory.buffer as ArrayBuffer, address, count),
  ]

  it('lies in the ECS memory: the number of entities and the address of the first', () => {
    const { world, ecs, queries } = setting()
    const made = queries.get(terms('A'))
    expect(wordsAt(ecs, made.address as number, 1)).toEqual([0])
    for (const count of [3, 200]) {
      const entities = Array.from({ length: count }, () => addEntity(world, COMPONENTS.A))
      const length = run(made)
      const [words, at] = wordsAt(ecs, made.address as number, 2) as [number, number]
      expect(words).toBe(length)
      expect(wordsAt(ecs, at, length).slice(-count)).toEqual(entities)
    }
    queries.dispose()
  })

  it('has memory of its own if the reserve is full from the start', () => {
    const full = defineComponents({ A: { x: 'f32' } }, { capacity: 16_384, reserve: 0 })
    const { world, queries } = setting(full)
    const entity = addEntity(world, full.A)
    const made = queries.get(terms('A'))
    expect(made.address).toBeUndefined()
    expect(result(made)).toEqual([entity])
  })

  const crowded = (): Setting & { made: ScriptQuery } => {
    const components = defineComponents({ A: { x: 'f32' } }, { capacity: 16_384 - 256, reserve: 0 })
    const made = setting(components)
    for (let count = 0; count < 300; count++) addEntity(made.world, components.A)
    return { ...made, made: made.queries.get(terms('A')) }
  }

  it('that does not fit is OutOfMemory, and the message says what to raise', async () => {
    const { made } = crowded()
    expect(made.address).toBeDefined()
    const error = await errorOf(() => run(made))
    expect([error.code, error.message]).toEqual(['OutOfMemory', expect.stringMatching(/query 'A'.*reserve/)])
  })

  it('is OutOfMemory on every run, not only the first', async () => {
    const { made } = crowded()
    for (let round = 0; round < 3; round++) expect((await errorOf(() => run(made))).code).toBe('OutOfMemory')
  })

  it('is freed on dispose', () => {
    const components = defineComponents({ A: {} }, { capacity: 1000, reserve: 65_536 })
    const { queries, ecs, world } = setting(components)
    for (let round = 0; round < 50; round++) {
      for (let count = 0; count < 10; count++) addEntity(world, components.A)
      const made = queries.get(terms('A'))
      run(made)
      expect(made.address).toBeDefined()
      queries.dispose()
    }
    expect(ecs.components.reserve?.allocate(65_536 - 192)).toBeDefined()
  })
})
