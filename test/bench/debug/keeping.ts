import { Past, profile } from 'bitscript/debug'
import { createSimulation, type Game } from '../../../demo/sim/index.ts'
import { median, quantile } from '../measure.ts'
import type { SuiteContext } from '../suite.ts'
import { TICK_SECONDS } from '../systems/stage.ts'

/** Enemies and stars: 5,000 entities. */
const WORLD = { swarm: 2400, stars: 2600 }
/** Ticks that are measured together: each such block has one that keeps the whole game. */
const BLOCK = 60
/** Blocks before the first that counts. After 30 seconds, the oldest moments are dropped. */
const SETTLED = 30
const QUICK_SETTLED = 2
const BLOCKS = 30
const QUICK_BLOCKS = 6

/** Milliseconds of processor time of a tick, without and with something of the debugger: medians of blocks. */
export interface KeepingRow {
  readonly name: string
  readonly without: number
  readonly with: number
  /** Milliseconds of the tick than which one in a hundred takes longer. */
  readonly longest: number
  /** Bytes that the past takes. */
  readonly bytes?: number
}

/** Something that is switched on in a game, and what switches it off. */
interface Switch {
  readonly on: (game: Game) => Promise<{ readonly off: () => void; readonly past?: Past }>
}

const KEEP: Switch = {
  async on({ runtime }) {
    const past = new Past(runtime, { seconds: 30 })
    return { past, off: () => past.dispose() }
  },
}
const HEAT: Switch = {
  async on({ runtime }) {
    const profiled = await profile(runtime)
    return { off: () => profiled.stop() }
  },
}

/** Measures ticks of the demo with a past, with heat, and with both switched off again. */
export async function measureKeeping(context: SuiteContext): Promise<readonly KeepingRow[]> {
  return [
    ...(await measureSwitch(context, 'a past of 30 seconds', KEEP)),
    ...(await measureSwitch(context, 'heat by line and function', HEAT)),
  ]
}

async function createDemo(): Promise<Game> {
  const game = await createSimulation({ seed: 7, ...WORLD })
  for (const name of ['log', 'error'] as const) game.runtime.on(name, () => undefined)
  await game.load()
  return game
}

async function measureSwitch({ scale, progress }: SuiteContext, name: string, { on }: Switch): Promise<readonly KeepingRow[]> {
  progress(`the demo, ${name}`)
  const [plain, watched] = [await createDemo(), await createDemo()]
  const { past, off } = await on(watched)
  const [settled, blocks] = scale.quick ? [QUICK_SETTLED, QUICK_BLOCKS] : [SETTLED, BLOCKS]
  alternate(plain, watched, settled)
  const rows: KeepingRow[] = []
  for (const state of ['on', 'off'] as const) {
    if (state === 'off') off()
    const [without, withIt] = alternate(plain, watched, blocks)
    rows.push({
      name: state === 'on' ? name : `${name}, off again`,
      without: median(without.blocks),
      with: median(withIt.blocks),
      longest: quantile(withIt.ticks, 0.99),
      ...(state === 'on' && past !== undefined && { bytes: past.bytes }),
    })
  }
  for (const game of [plain, watched]) game.runtime.dispose()
  return rows
}

/** Milliseconds of processor time of a tick, by block, and of each tick by the clock. */
interface Times {
  readonly blocks: number[]
  readonly ticks: number[]
}

/** Runs blocks of two games, which take turns. */
function alternate(one: Game, other: Game, blocks: number): readonly [Times, Times] {
  const times = [one, other].map((): Times => ({ blocks: [], ticks: [] })) as [Times, Times]
  for (let block = 0; block < blocks; block++) {
    for (const side of block % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
      const before = process.cpuUsage()
      for (let tick = 0; tick < BLOCK; tick++) {
        const start = performance.now()
        ;(side === 0 ? one : other).step(TICK_SECONDS)
        times[side].ticks.push(performance.now() - start)
      }
      const { user, system } = process.cpuUsage(before)
      times[side].blocks.push((user + system) / 1000 / BLOCK)
    }
  }
  return times
}
