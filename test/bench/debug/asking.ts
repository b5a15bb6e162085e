import { Past } from 'bitscript/debug'
import { createSimulation } from '../../../demo/sim/index.ts'
import { PLANTED_BUGS, playPlantedBug } from '../../debug/planted-bugs.ts'
import { median } from '../measure.ts'
import type { SuiteContext } from '../suite.ts'
import { TICK_SECONDS } from '../systems/stage.ts'

const TICKS = 600
const ROUNDS = 5
const QUICK_ROUNDS = 1

/** Milliseconds until a question is answered: the first time, and again. */
export interface AskingRow {
  readonly name: string
  readonly first: number
  readonly again: number
}

/** Measures who wrote a field: in the games with a planted mistake, and in the demo, recently and not for 600 ticks. */
export async function measureAsking({ scale, progress }: SuiteContext): Promise<readonly AskingRow[]> {
  const rounds = scale.quick ? QUICK_ROUNDS : ROUNDS
  const rows: AskingRow[] = []
  for (const bug of PLANTED_BUGS) {
    progress(`who wrote a field: ${bug.name}`)
    const pasts: Past[] = []
    const game = await playPlantedBug(bug, { watch: ({ runtime }) => pasts.push(new Past(runtime)) })
    const [past] = pasts as [Past]
    rows.push(await ask(`a small game, ${bug.name}`, rounds, () => past.writers(bug.field, bug.entity, { count: 1 })))
    past.dispose()
    game.runtime.dispose()
  }
  progress('who wrote a field: the demo')
  const game = await createSimulation({ seed: 7 })
  for (const name of ['log', 'error'] as const) game.runtime.on(name, () => undefined)
  await game.load()
  const past = new Past(game.runtime)
  for (let tick = 0; tick < TICKS; tick++) game.step(TICK_SECONDS)
  const { player } = game
  rows.push(await ask('the demo, written in the last tick', rounds, () => past.writers('Position.x', player, { count: 1 })))
  rows.push(await ask('the demo, not written in 600 ticks', rounds, () => past.writers('Look.shape', player, { count: 1 })))
  rows.push(await ask('the demo, a line that did not run in 600 ticks', rounds, () => past.find({ lines: { script: 'mover', line: 1 } })))
  past.dispose()
  game.runtime.dispose()
  return rows
}

async function ask(name: string, rounds: number, question: () => Promise<unknown>): Promise<AskingRow> {
  const times: number[] = []
  for (let round = 0; round <= rounds; round++) {
    const start = performance.now()
    await question()
    times.push(performance.now() - start)
  }
  return { name, first: times[0] as number, again: median(times.slice(1)) }
}
