import { Not, query } from 'bitecs'
import type { ScriptError, ScriptId } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { EXAMPLES, type Example } from '../../../demo/editor/examples.ts'
import { describeFault, rolledBackTo } from '../../../demo/editor/sentences.ts'
import { createSimulation, type Game } from '../../../demo/sim/index.ts'
import { TEXTS } from './texts.ts'

const textOf = ({ script }: Example): string => TEXTS.get(script) as string
const named = (label: string): Example => EXAMPLES.find((example) => example.label === label) as Example

interface Played {
  readonly game: Game
  readonly errors: ScriptError[]
  run(ticks: number): void
  edit(example: Example): Promise<void>
}

async function play(ticks: number): Promise<Played> {
  const game = await createSimulation({ seed: 7, recorded: [{ tick: 0, x: 0, y: 0, fire: true }] })
  const errors: ScriptError[] = []
  game.runtime.on('error', (error) => errors.push(error))
  game.runtime.on('log', () => undefined)
  await game.load()
  const run = (count: number): void => {
    for (let tick = 0; tick < count; tick++) game.step(1 / 60)
  }
  run(ticks)
  return {
    game,
    errors,
    run,
    async edit(example) {
      const id = game.runtime.find(example.script)?.id as ScriptId
      await game.runtime.reloadModule(id, example.apply(textOf(example)) as string, { preserve: 'auto' })
    },
  }
}

/** Returns the average distance of the hunters from the player. */
function distance({ world, components, player }: Game): number {
  const { Position, Hunter, Dead } = components
  const hunters = [...query(world, [Hunter, Position, Not(Dead)])]
  const far = (axis: Float32Array, hunter: number): number => (axis[hunter] as number) - (axis[player] as number)
  return hunters.reduce((sum, hunter) => sum + Math.hypot(far(Position.x, hunter), far(Position.y, hunter)), 0) / hunters.length
}

const shots = (game: Game): number => (game.summary?.() as { shots: number } | undefined)?.shots ?? Number.NaN
const bullets = ({ runtime }: Game): number => runtime.call(runtime.find('gun')?.id as ScriptId, 'in_flight') as number

describe('the examples', () => {
  it.each(EXAMPLES.map((example) => [example.label, example] as const))(
    '%s: applies to the script as it is, once, and is taken back',
    (_, example) => {
      const text = textOf(example)
      const edited = example.apply(text) as string
      expect(edited).not.toBe(text)
      expect(example.revert(text)).toBeUndefined()
      expect(example.apply(edited)).toBeUndefined()
      expect(example.revert(edited)).toBe(text)
    },
  )

  it.each(EXAMPLES.map((example) => [example.label, example] as const))('%s: does not apply to other texts', (_, example) => {
    expect(example.apply('(module)')).toBeUndefined()
    expect(example.apply(textOf(example).repeat(2))).toBeUndefined()
    expect(example.revert('')).toBeUndefined()
  })

  it('of one script can be combined', () => {
    const text = TEXTS.get('hunter') as string
    const own = EXAMPLES.filter(({ script }) => script === 'hunter')
    expect(own.length).toBe(3)
    const all = own.reduce((edited, { apply }) => apply(edited) as string, text)
    expect(own.reduce((edited, { revert }) => revert(edited) as string, all)).toBe(text)
  })

  it('make the swarm flee', async () => {
    const [hunting, fleeing] = [await play(60), await play(60)]
    const before = distance(fleeing.game)
    await fleeing.edit(named('Make the swarm flee'))
    hunting.run(240)
    fleeing.run(240)
    expect(distance(hunting.game)).toBeLessThan(before - 20)
    expect(distance(fleeing.game)).toBeGreaterThan(before + 20)
    expect(fleeing.errors).toEqual([])
  })

  it('double the fire rate', async () => {
    const [slow, fast] = [await play(60), await play(60)]
    const before = shots(slow.game)
    await fast.edit(named('Double the fire rate'))
    slow.run(160)
    fast.run(160)
    expect(shots(slow.game) - before).toBe(20)
    expect(shots(fast.game) - before).toBeGreaterThanOrEqual(39)
    expect(shots(fast.game) - before).toBeLessThanOrEqual(41)
  })

  it('make shots bigger', async () => {
    const [small, big] = [await play(1), await play(1)]
    await big.edit(named('Bigger shots'))
    small.run(20)
    big.run(20)
    expect(shots(big.game)).toBe(shots(small.game))
    expect(bullets(big.game)).toBeGreaterThan(bullets(small.game) * 1.5)
  })

  it('break a script, which is refused with the line of the mistake', async () => {
    const { game, edit, run, errors } = await play(30)
    const example = named('Break it on purpose')
    const line = (example.apply(textOf(example)) as string).split('\n').findIndex((each) => each.includes('i32.cost')) + 1
    await expect(edit(example)).rejects.toMatchObject({
      code: 'InvalidText',
      location: { line },
      frame: expect.stringContaining('i32.cost'),
    })
    expect(game.runtime.find('hunter')).toMatchObject({ generation: 1, status: 'active' })
    run(10)
    expect(errors).toEqual([])
  })

  it('make a script trap, which is rolled back', async () => {
    const { game, edit, run, errors } = await play(30)
    const example = named('Trap on purpose')
    const line = (example.apply(textOf(example)) as string).split('\n').findIndex((each) => each.includes('i32.div_s')) + 1
    await edit(example)
    expect(errors).toEqual([])
    run(1)
    expect(errors).toMatchObject([
      { code: 'Trap', script: 'hunter', location: { line }, detail: expect.stringContaining('generation 1 runs on') },
    ])
    expect(errors.every((error) => rolledBackTo(error) !== undefined)).toBe(true)
    expect(describeFault(errors[0] as ScriptError)).toMatch(
      new RegExp(`^hunter, line ${line}, entity \\d+: divide by zero; taken back: generation 1 runs on from tick 30$`),
    )
    expect(game.runtime.find('hunter')).toMatchObject({ generation: 1, status: 'active' })
    run(60)
    expect(errors.length).toBe(1)
  })
})
