import { Prediction } from '../../../src/colyseus/client/prediction.ts'
import { Replica } from '../../../src/colyseus/client/replica.ts'
import type { ServerState } from '../../../src/colyseus/client/server-state.ts'
import { startGame } from '../../../src/colyseus/game/start-game.ts'
import { applyInput, arena, HZ, SYNCED } from '../../colyseus/client/arena.ts'
import { median, quantile } from '../measure.ts'
import type { SuiteContext } from '../suite.ts'
import { formatNumber, type Table } from '../table.ts'

const INPUT = { x: 1, y: 0 }

/** A client that predicts so many entities, so many ticks ahead of its server. */
export interface CorrectedClient {
  /** Takes a frame that differs from what was predicted. Returns the milliseconds that it took. */
  correct(): number
  dispose(): void
}

export async function createCorrectedClient(entities: number, lead: number): Promise<CorrectedClient> {
  const game = await startGame(arena)
  const values = Array.from({ length: entities }, (_, index) => Float64Array.of(index, index, 1, 1))
  const components = ['Position', 'Velocity']
  let tick = 0
  const state: ServerState = {
    fields: SYNCED,
    get tick() {
      return tick
    },
    own: 1,
    get ids() {
      return values.map((_, index) => index + 1)
    },
    size: entities,
    has: (id) => id <= entities,
    componentsOf: () => components,
    valuesOf: (id) => values[id - 1] as Float64Array,
  }
  const prediction = new Prediction({
    replica: new Replica(game, SYNCED, { own: ['player', 'mover'], others: ['mover'] }),
    dt: 1 / HZ,
    ticks: 64,
    applyInput: (entity, input) => applyInput(game.runtime as never, entity, input),
  })
  prediction.take(state)
  for (let count = 0; count < lead; count++) prediction.step(INPUT)
  return {
    correct() {
      tick++
      prediction.step(INPUT)
      ;(values[0] as Float64Array)[0] = tick * 1000
      const start = performance.now()
      const { replayed } = prediction.take(state)
      const elapsed = performance.now() - start
      if (replayed !== lead) throw new Error(`${replayed} ticks ran again, not ${lead}`)
      return elapsed
    },
    dispose: () => game.runtime.dispose(),
  }
}

/** Milliseconds of corrections. */
export interface CorrectionRow {
  readonly entities: number
  readonly lead: number
  readonly median: number
  readonly upper: number
}

/** The ticks that run again: 100 ms there and back at 20 Hz, with losses. */
const LEAD = 6

export async function measureCorrections({ scale, progress }: SuiteContext): Promise<readonly CorrectionRow[]> {
  const rows: CorrectionRow[] = []
  for (const entities of [1, 100, 1000]) {
    progress(`a correction of ${entities} entities`)
    const client = await createCorrectedClient(entities, LEAD)
    const rounds = scale.quick ? 200 : 2000
    for (let count = 0; count < rounds / 4; count++) client.correct()
    const samples = Array.from({ length: rounds }, () => client.correct())
    client.dispose()
    rows.push({ entities, lead: LEAD, median: median(samples), upper: quantile(samples, 0.75) })
  }
  return rows
}

export function tableOfCorrections(rows: readonly CorrectionRow[]): Table {
  return {
    title: 'rooms: a correction on a client',
    columns: ['predicted entities', 'ticks again', 'ms', 'upper quartile'],
    rows: rows.map(({ entities, lead, median, upper }) => [
      entities.toLocaleString('en'),
      String(lead),
      formatNumber(median),
      formatNumber(upper),
    ]),
  }
}
