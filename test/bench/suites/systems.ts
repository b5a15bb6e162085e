import { getHeapStatistics } from 'node:v8'
import { measure, type Side } from '../measure.ts'
import type { Suite, SuiteContext } from '../suite.ts'
import type { Contestant, Performance } from '../systems/contestant.ts'
import { CONTESTANTS } from '../systems/contestants/index.ts'
import type { Program } from '../systems/program.ts'
import { PROGRAMS } from '../systems/programs/index.ts'
import { createStage } from '../systems/stage.ts'
import { verify } from '../systems/verify.ts'
import { formatNanoseconds, formatNumber, formatRatio, NOTHING, type Table } from '../table.ts'

/** The time of a contestant per entity and tick. */
interface Cell {
  readonly program: string
  readonly contestant: string
  readonly entities: number
  /** Nanoseconds, and the ratio to plain JavaScript. */
  readonly median: number
  readonly lower: number
  readonly upper: number
  readonly fastest: number
  readonly ratio: number
  readonly rounds: number
}

/** Bytes of heap per entity, including the data of the runtimes. */
const BYTES_PER_ENTITY = 450

export const systems: Suite = {
  name: 'systems',
  about: 'four scripts, each way to run them, in worlds of several sizes',
  async run(context) {
    const cells: Cell[] = []
    for (const program of PROGRAMS) cells.push(...(await measureProgram(program, context)))
    const { entities } = context.scale
    return {
      tables: PROGRAMS.map((program) => tableOfProgram(program, cells, entities)),
      markdown: entities.map((count) => tableOfSize(count, cells)),
      data: cells,
    }
  },
}

async function measureProgram(program: Program, { scale, progress }: SuiteContext): Promise<readonly Cell[]> {
  const perEntity = new Map<string, number>()
  for (const contestant of CONTESTANTS) {
    progress(`${program.name}: ${contestant.name} gives the same world`)
    perEntity.set(contestant.name, await verify(program, contestant))
  }
  const cells: Cell[] = []
  for (const entities of scale.entities) {
    const limit = (scale.tickLimitMs * 1e6) / entities
    const contestants = withinMemory(
      program,
      entities,
      CONTESTANTS.filter(({ name }) => (perEntity.get(name) ?? 0) <= limit),
    )
    progress(`${program.name}: ${entities} entities`)
    const performances = await prepareAll(program, entities, contestants)
    const timings = await measure(performances.map(sideOf), scale.effort)
    for (const { performance } of performances) await performance.dispose()
    const baseline = timings[0]?.median ?? Number.NaN
    for (const { name, median, lower, upper, fastest, rounds } of timings) {
      perEntity.set(name, median / entities)
      cells.push({
        program: program.name,
        contestant: name,
        entities,
        median: median / entities,
        lower: lower / entities,
        upper: upper / entities,
        fastest: fastest / entities,
        ratio: median / baseline,
        rounds,
      })
    }
  }
  return cells
}

/** Returns the contestants that fit in memory if each needs a world of its own. */
function withinMemory(program: Program, entities: number, contestants: readonly Contestant[]): readonly Contestant[] {
  if (!program.spawns) return contestants
  const room = getHeapStatistics().heap_size_limit * 0.75
  return contestants.slice(0, Math.floor(room / (entities * BYTES_PER_ENTITY)))
}

interface Prepared {
  readonly contestant: Contestant
  readonly performance: Performance
}

async function prepareAll(program: Program, entities: number, contestants: readonly Contestant[]): Promise<readonly Prepared[]> {
  const shared = program.spawns ? undefined : createStage(program, entities)
  const prepared: Prepared[] = []
  for (const contestant of contestants) {
    const stage = shared ?? createStage(program, entities)
    prepared.push({ contestant, performance: await contestant.prepare(program, stage) })
  }
  return prepared
}

function sideOf({ contestant, performance: { tick } }: Prepared): Side {
  return {
    name: contestant.name,
    run(times) {
      for (let left = times; left > 0; left--) tick()
    },
  }
}

function tableOfProgram(program: Program, cells: readonly Cell[], sizes: readonly number[]): Table {
  const rows = CONTESTANTS.map(({ name }) => [
    name,
    ...sizes.flatMap((entities) => {
      const cell = cells.find((each) => each.program === program.name && each.contestant === name && each.entities === entities)
      return cell === undefined ? [NOTHING, NOTHING] : [formatNanoseconds(cell.median), formatRatio(cell.ratio)]
    }),
  ])
  return {
    title: `systems: ${program.name}, time for one entity and tick`,
    columns: ['entities', ...sizes.flatMap((entities) => [entities.toLocaleString('en'), ''])],
    rows,
  }
}

function tableOfSize(entities: number, cells: readonly Cell[]): Table {
  const rows = CONTESTANTS.map(({ name }) => [
    name,
    ...PROGRAMS.map((program) => {
      const cell = cells.find((each) => each.program === program.name && each.contestant === name && each.entities === entities)
      return cell === undefined ? NOTHING : `${formatNumber(cell.median)} (${formatRatio(cell.ratio)})`
    }),
  ])
  return {
    title: `${entities.toLocaleString('en')} entities: nanoseconds for one entity and tick, and the ratio to plain JavaScript`,
    columns: ['', ...PROGRAMS.map(({ name }) => name)],
    rows,
  }
}
