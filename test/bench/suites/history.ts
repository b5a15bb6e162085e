import { readFile } from 'node:fs/promises'
import { addEntity, createWorld } from 'bitecs'
import { defineComponents, History, type ScriptId, WasmScriptRuntime } from 'bitscript'
import { createSimulation } from '../../../demo/sim/index.ts'
import { quantile } from '../measure.ts'
import type { Suite, SuiteContext } from '../suite.ts'
import { TICK_SECONDS } from '../systems/stage.ts'
import { formatNanoseconds, formatRatio, type Table } from '../table.ts'

const WARM_UP_TICKS = 240
const TICKS = 600
const QUICK_TICKS = 120
/** Seconds of a history. It reuses memory once it has this length. */
const HISTORY_SECONDS = 2
const RELOADS = 60
const QUICK_RELOADS = 10
const PROBATION_TICKS = 60
const ENTITIES = 20_000
const FIELDS = { x: 'f32', y: 'f32', z: 'f32', w: 'f32' } as const

/** Writes two of four fields. */
const MOVE = `(module
  (import "ecs.get" "Position.x" (func $x (param i32) (result f32))) (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
  (import "ecs.get" "Position.y" (func $y (param i32) (result f32))) (import "ecs.set" "Position.y" (func $set_y (param i32 f32)))
  (func (export "update") (param $eid i32) (param $dt f32)
    (call $set_x (local.get $eid) (f32.add (call $x (local.get $eid)) (local.get $dt)))
    (call $set_y (local.get $eid) (f32.sub (call $y (local.get $eid)) (local.get $dt)))))`

/** Counts its ticks in its memory, and receives text. */
const REMEMBER = `(module
  (memory (export "memory") 1)
  (func (export "init") (param i32 i32))
  (func (export "tick") (param f32)
    (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))))`

/** Milliseconds of an operation without and with the measured feature. */
interface Pair {
  readonly name: string
  readonly without: readonly number[]
  readonly with: readonly number[]
}

export const history: Suite = {
  name: 'history',
  about: 'a tick with a History against one without, and a reload with probation against one without',
  async run(context) {
    const pairs = [
      await measureReloads(context, 'the demo, a reload of hunter.wat', createReloadedDemo),
      await measureReloads(context, 'ten scripts with a memory, 1,000 entities, a reload', createReloadedScript),
      await measureTicks(context, 'the demo, a tick', createDemo),
      await measureTicks(context, `${ENTITIES.toLocaleString('en')} entities of four fields, two of them written, a tick`, createMoving),
      await measureTicks(context, 'ten scripts with a memory, 1,000 entities, a tick', createRemembering),
    ]
    const table: Table = {
      title: 'history: the first column of each pair without probation or a History, the second with it',
      columns: ['', 'p50', '', 'ratio', 'p95', '', 'ratio'],
      rows: pairs.map((pair) => [
        pair.name,
        ...[0.5, 0.95].flatMap((share) => {
          const [before, after] = [quantile(pair.without, share), quantile(pair.with, share)]
          return [formatNanoseconds(before * 1e6), formatNanoseconds(after * 1e6), formatRatio(after / before)]
        }),
      ]),
      notes: [
        `the History is of ${HISTORY_SECONDS} seconds, which are over when measuring begins; reloads are ${PROBATION_TICKS} ticks apart.`,
      ],
    }
    return { tables: [table], data: pairs }
  },
}

interface Game {
  readonly runtime: WasmScriptRuntime
  readonly step: () => void
}

async function createDemo(): Promise<Game> {
  const game = await createSimulation({ seed: 7, swarm: 2400 })
  await game.load()
  return { runtime: game.runtime, step: () => void game.step(TICK_SECONDS) }
}

async function createMoving(): Promise<Game> {
  const world = createWorld()
  const components = defineComponents({ Position: FIELDS }, { capacity: ENTITIES + 1000 })
  const runtime = await WasmScriptRuntime.create({ world, components })
  const script = await runtime.loadModule(MOVE)
  for (let index = 0; index < ENTITIES; index++) runtime.attach(addEntity(world, components.Position), script)
  return { runtime, step: () => void runtime.tick(TICK_SECONDS) }
}

async function createRemembering(): Promise<Game> {
  const world = createWorld()
  const components = defineComponents({ Position: FIELDS }, { capacity: 1100 })
  const runtime = await WasmScriptRuntime.create({ world, components })
  for (let index = 0; index < 10; index++) await runtime.loadModule(REMEMBER, { name: `script ${index}` })
  for (let index = 0; index < 1000; index++) addEntity(world, components.Position)
  return { runtime, step: () => void runtime.tick(TICK_SECONDS) }
}

async function measureTicks({ scale, progress }: SuiteContext, name: string, create: () => Promise<Game>): Promise<Pair> {
  progress(name)
  const [plain, recorded] = [await create(), await create()]
  const recording = new History(recorded.runtime, { seconds: HISTORY_SECONDS })
  const pair = { name, without: [] as number[], with: [] as number[] }
  const ticks = scale.quick ? QUICK_TICKS : TICKS
  for (let tick = -WARM_UP_TICKS; tick < ticks; tick++) {
    const without = timeOf(plain.step)
    const withHistory = timeOf(recorded.step)
    if (tick < 0) continue
    pair.without.push(without)
    pair.with.push(withHistory)
  }
  recording.dispose()
  plain.runtime.dispose()
  recorded.runtime.dispose()
  return pair
}

/** A game with a script that is reloaded, and its text in one version after the other. */
interface ReloadedGame extends Game {
  readonly id: ScriptId
  readonly text: (version: number) => string
}

async function createReloadedDemo(probation: number): Promise<ReloadedGame> {
  const game = await createDemo()
  const { runtime } = game
  const hunter = await readFile(new URL('../../../scripts-wat/hunter.wat', import.meta.url), 'utf8')
  runtime.unloadModule(runtime.find('hunter')?.id ?? (0 as ScriptId))
  const id = await runtime.loadModule(hunter, { name: 'hunter', order: 1, probation })
  return { ...game, id, text: (version) => hunter.replace('(f32.const 60)', `(f32.const ${60 + version})`) }
}

async function createReloadedScript(probation: number): Promise<ReloadedGame> {
  const game = await createRemembering()
  const id = await game.runtime.loadModule(REMEMBER, { name: 'reloaded', probation })
  return { ...game, id, text: (version) => REMEMBER.replace('(i32.const 1)', `(i32.const ${version + 2})`) }
}

async function measureReloads(
  { scale, progress }: SuiteContext,
  name: string,
  create: (probation: number) => Promise<ReloadedGame>,
): Promise<Pair> {
  progress(name)
  const [plain, trying] = [await create(0), await create(PROBATION_TICKS)]
  const pair = { name, without: [] as number[], with: [] as number[] }
  const reload = async ({ runtime, step, id, text }: ReloadedGame, version: number): Promise<number> => {
    for (let tick = 0; tick < PROBATION_TICKS; tick++) step()
    const edited = text(version)
    const start = performance.now()
    await runtime.reloadModule(id, edited)
    return performance.now() - start
  }
  const reloads = scale.quick ? QUICK_RELOADS : RELOADS
  for (let version = -5; version < reloads; version++) {
    const [without, withProbation] = [await reload(plain, version), await reload(trying, version)]
    if (version < 0) continue
    pair.without.push(without)
    pair.with.push(withProbation)
  }
  plain.runtime.dispose()
  trying.runtime.dispose()
  return pair
}

function timeOf(work: () => void): number {
  const start = performance.now()
  work()
  return performance.now() - start
}
