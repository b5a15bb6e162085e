import { removeEntity } from 'bitecs'
import { WasmScriptRuntime } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { speedUpQueries } from '../../../src/ecs/queries/fast-sets.ts'
import { HAS_VECTORS } from '../../../src/engine/compile.ts'
import { storeOf } from '../../../src/runtime/script/store.ts'
import { type ChoiceInput, chooseGroups, type GroupChoice } from '../../../src/runtime/tick/group-choice.ts'
import { updateGroups } from '../../../src/runtime/tick/update-groups.ts'
import { createStage } from '../../bench/systems/stage.ts'
import { UPDATES, type Update } from '../../bench/vectors/updates.ts'

function choose({ groups, update, fuel = 40 }: { [Part in keyof ChoiceInput]?: Partial<ChoiceInput[Part]> }): GroupChoice {
  return chooseGroups({
    groups: { count: 4000, occupied: 1000, full: 1000, ...groups },
    update: { tables: 0, base: 40, maxCost: 60, work: { full: 60, masked: 70 }, ...update },
    fuel,
  })
}

describe('chooseGroups', () => {
  it('runs full groups by code of their own where most of them are full', () => {
    expect(choose({})).toBe('full and masked')
    expect(choose({ groups: { count: 3800, full: 815 } })).toBe('full and masked')
  })

  it('runs all groups masked where full groups and others take turns', () => {
    expect(choose({ groups: { count: 3200, full: 410 } })).toBe('masked')
  })

  it('runs one by one where groups hold few entities', () => {
    expect(choose({ groups: { count: 2100, full: 60 } })).toBe('one by one')
  })

  it('runs one by one where the code of groups takes longer than that of their entities', () => {
    const work = { full: 150, masked: 170 }
    expect(choose({ update: { work } })).toBe('full and masked')
    expect(choose({ update: { work }, groups: { count: 3200, full: 410 } })).toBe('one by one')
    expect(choose({ update: { work }, fuel: 30 })).toBe('one by one')
  })

  it('counts branches of which entities take both ways', () => {
    const update = { work: { full: 150, masked: 170 }, base: 20, maxCost: 80 }
    expect(choose({ update, groups: { count: 3200, full: 410 } })).toBe('masked')
  })

  it('counts tables of branches, which processors predict badly', () => {
    const update = { work: { full: 150, masked: 170 }, tables: 1 }
    expect(choose({ update, groups: { count: 3200, full: 410 } })).toBe('masked')
  })

  it('runs groups in the first tick, before the fuel of an entity is known', () => {
    expect(choose({ update: { work: { full: 900, masked: 900 } }, fuel: Number.POSITIVE_INFINITY })).toBe('full and masked')
  })
})

/** Returns how an update runs in its second tick, with one in so many entities removed, or none if that is 0. */
async function choiceOf(update: Update, gap: number): Promise<GroupChoice | undefined> {
  const { world, components, entities } = createStage(update, 1000)
  const runtime = await WasmScriptRuntime.create({ world, components })
  const script = await runtime.loadModule(update.wat)
  let choice: GroupChoice | undefined
  storeOf(runtime).updates = {
    updateGroups: (store, running, count, dt) =>
      updateGroups(store, running, count, dt, (input) => {
        choice = chooseGroups(input)
        return choice
      }),
    speedUpQueries,
  }
  const isGone = (index: number): boolean => gap > 0 && (Math.imul(index + 1, 0x9e3779b1) >>> 8) % gap === 0
  for (const [index, entity] of entities.entries()) {
    if (isGone(index)) removeEntity(world, entity)
    else runtime.attach(entity, script)
  }
  runtime.tick(1 / 60)
  runtime.tick(1 / 60)
  runtime.dispose()
  return choice
}

describe.runIf(HAS_VECTORS)('an update runs as was measured to take the least time', () => {
  it.each<readonly [name: string, gap: number, choice: GroupChoice]>([
    ['move and bounce', 20, 'full and masked'],
    ['move and bounce', 5, 'masked'],
    ['state machine', 5, 'masked'],
    ['flock', 0, 'full and masked'],
    ['flock', 20, 'full and masked'],
    ['flock', 5, 'one by one'],
    ['steer to a target', 5, 'masked'],
    ['animate (u8, u16)', 0, 'full and masked'],
    ['animate (u8, u16)', 20, 'one by one'],
    ['spring (f64)', 0, 'full and masked'],
    ['spring (f64)', 3, 'one by one'],
  ])('%s with one in %d entities gone: %s', async (name, gap, choice) => {
    const update = UPDATES.find((each) => each.name === name) as Update
    expect(await choiceOf(update, gap)).toBe(choice)
  })
})
