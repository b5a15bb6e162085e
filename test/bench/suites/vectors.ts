import { query, removeEntity } from 'bitecs'
import { WasmScriptRuntime } from 'bitscript'
import { importFresh } from '../fresh.ts'
import { geometricMean, measure, type Side } from '../measure.ts'
import type { Suite, SuiteContext } from '../suite.ts'
import { createStage, type Stage, TICK_SECONDS } from '../systems/stage.ts'
import { formatNanoseconds, formatRatio, type Table } from '../table.ts'
import { columnOf, type HandRun, startByHand } from '../vectors/hand-run.ts'
import type * as updatesModule from '../vectors/updates.ts'
import { UPDATES, type Update } from '../vectors/updates.ts'

/** More fuel than any of the worlds needs. */
const LIMITS = { fuel: 2 ** 30 - 1, spawnsPerTick: 10_000_000 }

const TICKS_TO_VERIFY = 3

/** Which entities there are, and in which order. */
interface Layout {
  readonly name: string
  /** One in so many is removed; 0 for none. */
  readonly gap: number
  readonly isShuffled?: boolean
}

const LAYOUTS: readonly Layout[] = [
  { name: 'no gaps', gap: 0 },
  { name: '5 % gaps', gap: 20 },
  { name: '20 % gaps', gap: 5 },
  { name: '50 % gaps', gap: 2 },
  { name: 'shuffled', gap: 0, isShuffled: true },
]

interface Cell {
  readonly update: string
  readonly entities: number
  readonly layout: string
  /** Nanoseconds of an entity. */
  readonly plain: number
  readonly scalar: number
  readonly vector: number
  /** Written by hand with SIMD, without fuel; `undefined` where that was not measured. */
  readonly hand: number | undefined
}

export const vectors: Suite = {
  name: 'vectors',
  about: 'updates on four entities at once and one by one, in five layouts of entities',
  async run(context) {
    const cells: Cell[] = []
    for (const entities of context.scale.entities) {
      for (const layout of LAYOUTS) {
        for (const update of UPDATES) cells.push(await measureUpdate(update, entities, layout, context))
      }
    }
    return { tables: context.scale.entities.flatMap((entities) => tablesOf(cells, entities)), data: cells }
  },
}

async function measureUpdate(update: Update, entities: number, layout: Layout, { scale, progress }: SuiteContext): Promise<Cell> {
  progress(`${update.name}: ${entities} entities, ${layout.name}`)
  const stages = [0, 1, 2].map(() => arrange(createStage(update, entities), update, layout)) as [Stage, Stage, Stage]
  const [plain, scalar, vector] = stages
  for (const stage of stages) update.prepare?.(stage)
  const runtimes = [await start(update, scalar, false), await start(update, vector, true)] as const
  const { UPDATES: fresh } = await importFresh<typeof updatesModule>(new URL('../vectors/updates.ts', import.meta.url))
  const system = await fresh[UPDATES.indexOf(update)]?.plain(plain)
  if (system === undefined) throw new Error(`${update.name} is no update`)
  const sides: readonly Side[] = [
    side('plain JavaScript', system),
    ...runtimes.map((runtime, place) => side(place === 0 ? 'one by one' : 'four at once', () => tick(runtime))),
  ]
  verify(update, scalar, vector, sides)
  const hand = layout === LAYOUTS[0] ? await startByHand(update, entities) : undefined
  if (hand !== undefined) verifyByHand(update, scalar, hand)
  const timings = await measure(hand === undefined ? sides : [...sides, side('by hand', hand.tick)], scale.effort)
  for (const runtime of runtimes) runtime.dispose()
  const [first, second, third, fourth] = timings.map(({ median }) => median / plain.entities.length) as [number, number, number, number?]
  return { update: update.name, entities, layout: layout.name, plain: first, scalar: second, vector: third, hand: fourth }
}

function side(name: string, run: () => void): Side {
  return {
    name,
    run(times) {
      for (let count = 0; count < times; count++) run()
    },
  }
}

function tick(runtime: WasmScriptRuntime): void {
  if (runtime.tick(TICK_SECONDS).faults > 0) throw new Error('a script failed')
}

async function start({ name, wat }: Update, { world, components, entities }: Stage, vector: boolean): Promise<WasmScriptRuntime> {
  const runtime = await WasmScriptRuntime.create({ world, components, limits: LIMITS })
  const script = await runtime.loadModule(wat, { name, vector })
  for (const entity of entities) runtime.attach(entity, script)
  const { link } = runtime.script(script)
  if ((link?.vector === true || (link?.loops ?? 0) > 0) !== vector)
    throw new Error(`${name} does not run as vectors: ${link?.obstacle?.why}`)
  return runtime
}

/** Removes some entities of a stage, or puts them into another order. */
function arrange(stage: Stage, { terms }: Update, { gap, isShuffled = false }: Layout): Stage {
  const { world, components, entities } = stage
  if (isShuffled) return { ...stage, entities: shuffled(entities) }
  if (gap === 0) return stage
  const isGone = (index: number): boolean => (gap === 2 ? hash(index) % 2 === 0 : hash(index) % gap === 0)
  for (const [index, entity] of entities.entries()) if (isGone(index)) removeEntity(world, entity)
  query(world, terms(components))
  return { ...stage, entities: entities.filter((_, index) => !isGone(index)) }
}

function shuffled(entities: readonly number[]): readonly number[] {
  return entities
    .map((entity, index) => [hash(index), entity] as const)
    .sort(([one], [other]) => one - other)
    .map(([, entity]) => entity)
}

/** Returns a number that looks random, the same for the same index. */
function hash(index: number): number {
  const mixed = Math.imul(index + 1, 0x9e3779b1)
  return Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b) >>> 8
}

/** Checks that both ways give the same world. */
function verify({ name, columns }: Update, scalar: Stage, vector: Stage, [, one, other]: readonly Side[]): void {
  one?.run(TICKS_TO_VERIFY)
  other?.run(TICKS_TO_VERIFY)
  const expected = columns(scalar.components)
  for (const [place, column] of columns(vector.components).entries()) {
    const same = expected[place] as ArrayLike<number>
    for (let entity = 0; entity < column.length; entity++) {
      if (!Object.is(column[entity], same[entity])) throw new Error(`${name} gives another world as vectors, at entity ${entity}`)
    }
  }
}

/** Checks that an update by hand gives the same world, after as many ticks. */
function verifyByHand({ name }: Update, { components, entities }: Stage, hand: HandRun): void {
  for (let count = 0; count < TICKS_TO_VERIFY; count++) hand.tick()
  for (const column of hand.columnNames) {
    const [own, expected] = [hand.column(column), columnOf(components, column)]
    const entity = entities.find((each) => !Object.is(own[each], expected[each]))
    if (entity !== undefined) throw new Error(`${name} by hand gives another world, at ${column} of entity ${entity}`)
  }
}

function tablesOf(cells: readonly Cell[], entities: number): readonly Table[] {
  const own = cells.filter((cell) => cell.entities === entities)
  const dense = own.filter(({ layout }) => layout === LAYOUTS[0]?.name)
  const count = entities.toLocaleString('en')
  return [
    {
      title: `vectors: ${count} entities, time of an entity`,
      columns: ['', 'plain JavaScript', 'one by one', 'four at once', 'by hand', 'to plain JavaScript'],
      rows: [
        ...dense.map(({ update, plain, scalar, vector, hand }) => [
          update,
          formatNanoseconds(plain),
          `${formatNanoseconds(scalar)} (${formatRatio(scalar / plain)})`,
          formatNanoseconds(vector),
          hand === undefined ? '' : `${formatNanoseconds(hand)} (${formatRatio(hand / plain)})`,
          formatRatio(vector / plain),
        ]),
        meansOf('geometric mean of the first ten', dense.slice(0, 10)),
        meansOf(
          'of those by hand',
          dense.filter(({ hand }) => hand !== undefined),
        ),
      ],
    },
    {
      title: `vectors: ${count} entities, four at once to one by one, by the layout of entities`,
      columns: ['', ...LAYOUTS.map(({ name }) => name)],
      rows: UPDATES.map(({ name }) => [
        name,
        ...LAYOUTS.map((layout) =>
          meanOf(
            own.filter((cell) => cell.update === name && cell.layout === layout.name),
            ({ vector, scalar }) => vector / scalar,
          ),
        ),
      ]),
    },
  ]
}

function meansOf(name: string, cells: readonly Cell[]): readonly string[] {
  const areByHand = cells.every(({ hand }) => hand !== undefined)
  return [
    name,
    '',
    meanOf(cells, ({ scalar, plain }) => scalar / plain),
    '',
    areByHand ? meanOf(cells, ({ hand, plain }) => (hand ?? Number.NaN) / plain) : '',
    meanOf(cells, ({ vector, plain }) => vector / plain),
  ]
}

function meanOf(cells: readonly Cell[], ratio: (cell: Cell) => number): string {
  return formatRatio(geometricMean(cells.map(ratio)))
}
