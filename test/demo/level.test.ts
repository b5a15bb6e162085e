import { hashWorld } from 'bitscript'
import { expect, it } from 'vitest'
import { createSimulation } from '../../demo/sim/index.ts'
import { turn } from '../fixtures/jobs.ts'

const LEVEL = new URL('../../scripts-wat/level.wat', import.meta.url)
const ROWS = Array.from({ length: 100 }, (_, row) => Uint8Array.of(row))

it('level.wat makes a level of 100,000 tiles and packs it over many ticks, while the game runs at its full rate', async () => {
  const { runtime } = await createSimulation({ seed: 7 })
  const level = await runtime.loadModule(LEVEL)
  const { runtime: same } = await createSimulation({ seed: 7 })
  await same.loadModule(LEVEL)
  const fuelPerTick = 250_000
  const tiles = runtime.job(level, ROWS, { config: 'make', fuelPerTick })
  const made: Uint8Array[] = []
  async function* kept(): AsyncGenerator<Uint8Array> {
    for await (const row of tiles) {
      made.push(row)
      yield row
    }
  }
  const packed = runtime.job(level, kept(), { config: 'pack', fuelPerTick })
  const runs: Uint8Array[] = []
  const reading = (async () => {
    for await (const part of packed) runs.push(part)
    const last = await packed.result
    if (last !== undefined) runs.push(last)
  })()
  let ticks = 0
  let most = 0
  while (!packed.done) {
    const { faults } = runtime.tick(1 / 60)
    expect([faults, same.tick(1 / 60).faults]).toEqual([0, 0])
    most = Math.max(most, runtime.script(level).stats.fuel)
    ticks++
    await turn()
  }
  await reading
  const before = Buffer.concat(made)
  const pairs = Buffer.concat(runs)
  const after = Buffer.concat(Array.from({ length: pairs.length / 2 }, (_, at) => Buffer.alloc(pairs[2 * at] as number, pairs[2 * at + 1])))
  expect(before.length).toBe(100_000)
  expect(after.equals(before)).toBe(true)
  expect(pairs.length).toBeLessThan(before.length / 5)
  // Each job has no more in a tick than its own fuel, and one chunk beyond it.
  expect(most).toBeLessThan(2 * fuelPerTick + 100_000)
  expect(ticks).toBeGreaterThan(20)
  const [one, other] = [runtime, same].map(({ world, components, relations }) => hashWorld(world, components, relations))
  expect(one).toBe(other)
})
