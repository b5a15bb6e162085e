import { readFileSync } from 'node:fs'
import { addComponent, addEntity } from 'bitecs'
import { describe, expect, it } from 'vitest'
import { createGame } from '../fixtures/game.ts'

const COUNT = 60
const TICKS = 120

interface Outcome {
  readonly columns: readonly (readonly number[])[]
  readonly bounces: readonly unknown[]
  readonly fuel: number
}

/** Runs a compiled script on a world for a number of ticks. */
async function wander(language: string, link: 'inline' | 'host'): Promise<Outcome> {
  const { world, components, runtime, errors } = await createGame()
  const { Position, Velocity, Health } = components
  const bytes = readFileSync(new URL(`../fixtures/wasm/compiled/wanderer-${language}.wasm`, import.meta.url))
  const id = await runtime.loadModule(Uint8Array.from(bytes), { link })
  const entities = Array.from({ length: COUNT }, (_, index) => {
    const entity = addEntity(world)
    for (const component of [Position, Velocity, Health]) addComponent(world, entity, component)
    Position.x[entity] = index * 1.7
    Velocity.x[entity] = (index - COUNT / 2) * 9.1
    Health.points[entity] = 100
    runtime.attach(entity, id)
    return entity
  })
  for (let tick = 0; tick < TICKS; tick++) runtime.tick(1 / 30)
  expect(errors).toEqual([])
  return {
    columns: [Position.x, Velocity.x, Health.points].map((column) => [...column]),
    bounces: entities.map((entity) => runtime.call(id, 'bounces', entity)),
    fuel: runtime.script(id).stats.fuel,
  }
}

describe('a script that was compiled', () => {
  it.each(['c', 'rust', 'as'])('(%s) has the same results with inlined accessors and with host functions', async (language) => {
    const inline = await wander(language, 'inline')
    expect(inline).toEqual(await wander(language, 'host'))
    expect(inline.bounces.some((count) => Number(count) > 1)).toBe(true)
    expect(inline.fuel).toBeGreaterThan(10 * COUNT)
  })

  it('has the same results in every language', async () => {
    const [c, rust, assemblyScript] = await Promise.all(['c', 'rust', 'as'].map((language) => wander(language, 'inline')))
    expect(rust?.columns).toEqual(c?.columns)
    expect(assemblyScript?.columns).toEqual(c?.columns)
    expect(rust?.bounces).toEqual(c?.bounces)
    expect(assemblyScript?.bounces).toEqual(c?.bounces)
  })
})
