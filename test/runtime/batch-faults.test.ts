import { describe, expect, it } from 'vitest'
import { playBoth, playScene, type Scene } from '../fixtures/scene.ts'
import { updateScript } from '../fixtures/scripts.ts'

const POINTS = `(import "ecs.get" "Health.points" (func $points (param i32) (result i32)))
  (import "ecs.set" "Health.points" (func $set (param i32 i32)))`
const COUNT = '(call $set (local.get $eid) (i32.add (call $points (local.get $eid)) (i32.const 1)))'
const ACT = '(import "test" "act" (func $act (param i32)))'
const LOOP = (rounds: string): string =>
  `(local $n i32) (local.set $n ${rounds}) (loop $l (local.set $n (i32.sub (local.get $n) (i32.const 1))) (br_if $l (i32.gt_s (local.get $n) (i32.const 0))))`

/** Does something on the given entities among the first five, which have the ids 2 to 6. */
const on = (entities: readonly number[], body: string): string =>
  `(if (i32.and (i32.shr_u (i32.const ${entities.reduce((mask, entity) => mask | (1 << entity), 0)}) (local.get $eid)) (i32.const 1)) (then ${body}))`
const counted = (entities: readonly number[], count: number, others: number): number[] =>
  [2, 3, 4, 5, 6].map((entity) => (entities.includes(entity) ? count : others))

/** Ways to fail between the first and the second count of an entity. */
const FAULTS: readonly [string, string, RegExp][] = [
  ['unreachable', 'unreachable', /^Trap update (\d+): unreachable$/],
  ['a division by zero', '(drop (i32.div_u (i32.const 1) (i32.const 0)))', /^Trap update (\d+): divide by zero$/],
  ['an entity out of range', '(drop (call $points (i32.const -1)))', /^EntityOutOfRange update (\d+): the entity 4294967295 /],
  ['an entity out of range, written', '(call $set (i32.const 1000) (i32.const 1))', /^EntityOutOfRange update (\d+): the entity 1000 /],
  ['an exception', '(throw $exception)', /^Trap update (\d+): the script threw/],
  ['endless recursion', '(call $deep (i32.const -1))', /^StackOverflow update (\d+): /],
  ['a host function that throws', '(call $act (local.get $eid))', /^HostError update (\d+): the host function test.act threw /],
]
const faulty = (entities: readonly number[], body: string): string =>
  updateScript(
    `${COUNT} ${on(entities, body)} ${COUNT}`,
    `${POINTS} ${ACT} (tag $exception)
     (func $deep (param i32) (if (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1))))))`,
  )
const throwing: Scene['host'] = () => ({
  act() {
    throw new Error('no')
  },
})

describe('a fault in update', () => {
  it.each(FAULTS)('by %s names the entity, and stops the script', async (_, body, text) => {
    for (const entity of [2, 4, 6]) {
      const ending = await playBoth({ wat: faulty([entity], body), host: throwing })
      expect(ending.errors.map((error) => text.exec(error)?.[1])).toEqual([String(entity)])
      expect(ending.status).toBe('faulted')
      expect(ending.points).toEqual([2, 3, 4, 5, 6].map((each) => (each < entity ? 2 : each === entity ? 1 : 0)))
      expect(ending.ticks[0]?.slice(0, 2)).toEqual([entity - 1, entity - 1])
    }
  })

  it.each(FAULTS)("by %s detaches the entity with onFault 'detach', and the script continues with the next", async (_, body, text) => {
    for (const entities of [[2], [6], [2, 6], [3, 4], [2, 3, 4, 5, 6]]) {
      const ending = await playBoth({ wat: faulty(entities, body), host: throwing, load: { onFault: 'detach' } })
      expect(ending.errors.map((error) => Number(text.exec(error)?.[1]))).toEqual(entities)
      expect(ending.status).toBe('active')
      expect(ending.points).toEqual(counted(entities, 1, 4))
      expect(ending.ticks.map(([updated, calls, , faults]) => [updated, calls, faults])).toEqual([
        [5, 5, entities.length],
        [5 - entities.length, 5 - entities.length, 0],
      ])
    }
  })

  it("of many entities detaches each of them with onFault 'detach'", async () => {
    for (const [, body, text] of FAULTS) {
      const wat = updateScript(
        `${COUNT} (if (i32.rem_u (local.get $eid) (i32.const 3)) (then ${body})) ${COUNT}`,
        `${POINTS} ${ACT} (tag $exception) (func $deep (param i32) (call $deep (local.get 0)))`,
      )
      const ending = await playBoth({ wat, host: throwing, count: 60, load: { onFault: 'detach' } })
      expect(ending.errors.map((error) => Number(text.exec(error)?.[1]) % 3).toSorted()).toEqual([
        ...Array(20).fill(1),
        ...Array(20).fill(2),
      ])
      expect(ending.points).toEqual(ending.points.map((_, index) => ((index + 2) % 3 === 0 ? 4 : 1)))
    }
  })

  it('does not affect later faults', async () => {
    const body = `${on([3], 'unreachable')} ${on([4], '(drop (call $points (i32.const -1)))')} ${on([5], '(drop (i32.div_u (i32.const 1) (i32.const 0)))')}`
    const ending = await playBoth({ wat: updateScript(body, POINTS), load: { onFault: 'detach' } })
    expect(ending.errors.map((error) => error.split(':')[0])).toEqual(['Trap update 3', 'EntityOutOfRange update 4', 'Trap update 5'])
  })
})

describe('a host function that throws in update', () => {
  const swallowing = (entities: readonly number[]): string =>
    updateScript(
      `${COUNT} (try (do ${on(entities, '(call $act (local.get $eid))')}) (catch_all ${COUNT} ${COUNT})) ${COUNT}`,
      `${POINTS} ${ACT}`,
    )

  it('is a fault of its entity even if the script caught the error', async () => {
    const stopped = await playBoth({ wat: swallowing([4]), host: throwing })
    expect(stopped.errors).toEqual([expect.stringMatching(/^HostError update 4: /)])
    expect(stopped.points).toEqual([2, 2, 4, 0, 0])
    for (const entities of [[2], [6], [2, 3, 4, 5, 6]]) {
      const ending = await playBoth({ wat: swallowing(entities), host: throwing, load: { onFault: 'detach' } })
      expect(ending.errors.map((error) => error.split(':')[0])).toEqual(entities.map((entity) => `HostError update ${entity}`))
      expect(ending.points).toEqual(counted(entities, 4, 4))
    }
  })

  it('and an entity out of range end the run at the same point, even if the script would catch them', async () => {
    const catching = `(try (do ${on([3], '(drop (call $points (i32.const -1)))')}) (catch_all)) ${COUNT}`
    const ending = await playBoth({ wat: updateScript(catching, POINTS) })
    expect(ending.errors).toEqual([expect.stringMatching(/^EntityOutOfRange update 3: /)])
  })

  it('and an entity out of range are faults of their entity if called through a table', async () => {
    const wat = updateScript(
      `${COUNT} (try (do ${on([3], '(drop (call_indirect (param i32) (result i32) (i32.const -1) (i32.const 0)))')}) (catch_all))`,
      `${POINTS} (table funcref (elem $points))`,
    )
    const host = await playScene({ wat }, 'host')
    expect(host.errors).toEqual([expect.stringMatching(/^EntityOutOfRange update 3: /)])
    expect(host.points).toEqual([1, 1, 0, 0, 0])
    expect(await playScene({ wat }, 'inline')).toEqual(host)
  })
})

describe('the fuel of update', () => {
  const endings = async (wat: string, step: number, host?: Scene['host']): Promise<Set<string>> => {
    const seen = new Set<string>()
    for (const onFault of ['stop', 'detach'] as const) {
      for (let fuel = 1; fuel < 130; fuel += step) {
        const ending = await playBoth({ wat, load: { onFault, limits: { fuel } }, ...(host && { host }) })
        seen.add(ending.errors.map((error) => error.split(':')[0]).join())
      }
    }
    return seen
  }

  it('runs out at the same entity, inlined or not, whatever the amount', async () => {
    const faults = await endings(updateScript(`${COUNT} ${on([3, 5], `nop nop nop ${COUNT}`)}`, POINTS), 7)
    for (const entity of [2, 3, 4, 5, 6]) expect(faults).toContain(`OutOfFuel update ${entity}`)
    expect(faults).toContain('')
    await endings(updateScript(`${LOOP('(i32.rem_u (local.get $eid) (i32.const 4))')} ${COUNT}`, POINTS), 9)
    await endings(updateScript(`(call $act (local.get $eid)) ${COUNT}`, `${POINTS} ${ACT}`), 9, () => ({ act: () => undefined }))
  })

  it('runs out at the same entity if the host checks each entity', async () => {
    const wat = updateScript(`(call $act (local.get $eid)) ${on([3, 5], `nop nop nop nop nop nop ${COUNT}`)}`, `${POINTS} ${ACT}`)
    const host: Scene['host'] = (stage) => ({
      act() {
        const [last] = stage.entities.slice(-1) as [number]
        stage.runtime.detach(last, stage.id)
        stage.runtime.attach(last, stage.id)
      },
    })
    for (let fuel = 1; fuel < 100; fuel += 3) {
      const scene: Scene = { wat, host, ticks: 1, load: { limits: { fuel } } }
      expect(await playScene(scene, 'inline'), `fuel ${fuel}`).toEqual(await playScene(scene, 'host'))
    }
  })

  it("that runs out ends the tick; with onFault 'detach' the other entities run in the next tick", async () => {
    const wat = updateScript(`${on([4], '(loop $ever (br $ever))')} ${COUNT}`, POINTS)
    const ending = await playBoth({ wat, load: { onFault: 'detach', limits: { fuel: 1000 } }, ticks: 3 })
    expect(ending.errors).toEqual([expect.stringMatching(/^OutOfFuel update 4: /)])
    expect(ending.points).toEqual([3, 3, 0, 2, 2])
    expect(ending.ticks.map(([updated]) => updated)).toEqual([3, 4, 4])
  })

  it('is the same for all kinds of faults', async () => {
    for (const [, body] of FAULTS) {
      const ending = await playBoth({ wat: faulty([3, 6], body), host: throwing, load: { onFault: 'detach' } })
      expect(ending.ticks[1]?.[2]).toBeGreaterThan(0)
    }
  })
})

describe('the depth of calls in update', () => {
  const recursing = (rounds: string, leaf = ''): string =>
    updateScript(
      `${on([4], 'unreachable')} (call $deep ${rounds}) ${COUNT}`,
      `${POINTS} (func $leaf ${leaf})
       (func $deep (param i32) (if (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1)))) (else (call $leaf))))`,
    )

  it('starts at 0 for each entity', async () => {
    const ending = await playBoth({ wat: recursing('(i32.const 2000)').replace('unreachable', 'nop'), count: 30 })
    expect(ending.errors).toEqual([])
    expect(ending.ticks[1]?.[0]).toBe(30)
  })

  it('of one entity does not count for the next', async () => {
    const faultsOf = async (link: 'inline' | 'host', rounds: number): Promise<string[]> => {
      const { errors } = await playScene({ wat: recursing(`(i32.const ${rounds})`), ticks: 1 }, link)
      return errors.map((error) => error.split(':')[0] as string)
    }
    let [deepest, rounds] = [1, 24_000]
    while (rounds - deepest > 1) {
      const middle = (deepest + rounds) >> 1
      if ((await faultsOf('host', middle))[0] === 'Trap update 4') deepest = middle
      else rounds = middle
    }
    for (rounds = deepest - 6; rounds < deepest + 4; rounds++) {
      const fault = rounds <= deepest ? 'Trap update 4' : 'StackOverflow update 2'
      expect([await faultsOf('host', rounds), await faultsOf('inline', rounds)], `${rounds} rounds`).toEqual([[fault], [fault]])
    }
  })
})
