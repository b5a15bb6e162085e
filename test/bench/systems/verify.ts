import { query } from 'bitecs'
import type { Contestant, Performance } from './contestant.ts'
import { plainRounded } from './contestants/plain.ts'
import type { Program } from './program.ts'
import { createStage, type Stage } from './stage.ts'

const ENTITIES = 200
const TICKS = 40
/** The difference allowed between f64 and f32 after all ticks, relative and absolute. */
const TOLERANCE = 1e-3

/**
 * Runs a program in a small world and compares the result with plain JavaScript. Throws if they differ.
 * Returns the nanoseconds per entity in the fastest tick, an estimate for a large world.
 */
export async function verify(program: Program, contestant: Contestant): Promise<number> {
  const expected = await play(program, plainRounded)
  const actual = await play(program, contestant)
  const where = `${program.name} in ${contestant.name}`
  if (actual.rows.length !== expected.rows.length)
    throw new Error(`${where} has ${actual.rows.length} entities after ${TICKS} ticks, not ${expected.rows.length}`)
  for (const [index, row] of expected.rows.entries()) {
    const got = actual.rows[index] ?? []
    if (row.every((value, column) => isSame(value, got[column] ?? Number.NaN, contestant.exact))) continue
    throw new Error(`${where} has the entity ${index} at ${got.join(', ')} after ${TICKS} ticks, not at ${row.join(', ')}`)
  }
  return actual.nanoseconds
}

function isSame(expected: number, actual: number, exact: boolean): boolean {
  if (exact) return Object.is(expected, actual)
  return Math.abs(expected - actual) <= TOLERANCE * Math.max(1, Math.abs(expected))
}

async function play(
  program: Program,
  contestant: Contestant,
): Promise<{ readonly rows: readonly (readonly number[])[]; readonly nanoseconds: number }> {
  const stage = createStage(program, ENTITIES)
  const before = readStage(stage, program)
  const performance = await contestant.prepare(program, stage)
  const fastest = runTicks(performance)
  const rows = readStage(stage, program)
  await performance.dispose()
  if (rows.every((row, index) => row.every((value, column) => value === before[index]?.[column]))) {
    throw new Error(`${program.name} in ${contestant.name} changed nothing`)
  }
  return { rows, nanoseconds: (fastest * 1e6) / ENTITIES }
}

function runTicks({ tick }: Performance): number {
  let fastest = Number.POSITIVE_INFINITY
  for (let index = 0; index < TICKS; index++) {
    const start = performance.now()
    tick()
    fastest = Math.min(fastest, performance.now() - start)
  }
  return fastest
}

/** Returns the values of the program's columns by entity, in an order that does not depend on ids. */
function readStage({ world, components }: Stage, program: Program): readonly (readonly number[])[] {
  const { number } = components.Origin
  const columns = program.columns(components)
  return [...query(world, program.terms(components))]
    .sort((a, b) => (number[a] ?? 0) - (number[b] ?? 0))
    .map((entity) => columns.map((column) => column[entity] ?? Number.NaN))
}
