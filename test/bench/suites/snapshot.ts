import { addEntity, createWorld, removeEntity } from 'bitecs'
import { defineComponents, History, WasmScriptRuntime } from 'bitscript'
import { measure } from '../measure.ts'
import type { Suite, SuiteContext } from '../suite.ts'
import { TICK_SECONDS } from '../systems/stage.ts'
import { formatBytes, formatNanoseconds, formatRatio, type Table } from '../table.ts'

const ENTITIES = 100_000
const HISTORY_ENTITIES = 20_000
const HISTORY_TICKS = 600
const FIELDS = { x: 'f32', y: 'f32', z: 'f32', w: 'f32' } as const

/** Moves two of eight fields. */
const MOVE = `(module
  (import "ecs.get" "Position.x" (func $x (param i32) (result f32))) (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
  (import "ecs.get" "Position.y" (func $y (param i32) (result f32))) (import "ecs.set" "Position.y" (func $set_y (param i32 f32)))
  (func (export "update") (param $eid i32) (param $dt f32)
    (call $set_x (local.get $eid) (f32.add (call $x (local.get $eid)) (local.get $dt)))
    (call $set_y (local.get $eid) (f32.sub (call $y (local.get $eid)) (local.get $dt)))))`

export const snapshot: Suite = {
  name: 'snapshot',
  about: 'a whole game taken and put back, against copying the same bytes; what a history takes',
  async run(context) {
    const times = await measureSnapshots(context)
    const changing = await measureChanges(context)
    const history = await measureHistory(context)
    const title = `snapshot: ${ENTITIES.toLocaleString('en')} entities with eight fields of four bytes, one script`
    const table = tableOf(title, times)
    const changes = tableOf('snapshot: the same, where an entity died and another was born since', changing)
    const kept: Table = {
      title: `snapshot: a history of ${HISTORY_TICKS} ticks of ${HISTORY_ENTITIES.toLocaleString('en')} entities, two fields of eight changing`,
      columns: ['', ''],
      rows: [
        ['bytes', formatBytes(history.bytes)],
        ['time for a tick, its recording included', formatNanoseconds(history.nanoseconds)],
      ],
    }
    return { tables: [table, changes, kept], data: { times, changing, history } }
  },
}

type Times = Awaited<ReturnType<typeof measure>>

/** A table of times, the first of which is that of a plain copy. */
function tableOf(title: string, times: Times): Table {
  const [copy] = times
  return {
    title,
    columns: ['', 'time', 'to copying'],
    rows: times.map(({ name, median }) => [name, formatNanoseconds(median), formatRatio(median / (copy?.median ?? Number.NaN))]),
  }
}

interface Filled {
  readonly runtime: WasmScriptRuntime
  readonly columns: readonly Float32Array[]
  /** Removes an entity from the middle, and adds another. */
  readonly change: () => void
}

async function fill(entities: number): Promise<Filled> {
  const world = createWorld()
  const components = defineComponents({ Position: FIELDS, Velocity: FIELDS }, { capacity: entities + 1000 })
  const runtime = await WasmScriptRuntime.create({ world, components })
  const script = await runtime.loadModule(MOVE)
  const spawn = (): number => {
    const entity = addEntity(world, components.Position, components.Velocity)
    runtime.attach(entity, script)
    return entity
  }
  for (let index = 0; index < entities; index++) spawn()
  let victim = entities / 2
  const change = (): void => {
    removeEntity(world, victim)
    victim = spawn()
  }
  runtime.tick(TICK_SECONDS)
  return { runtime, columns: [...Object.values(components.Position), ...Object.values(components.Velocity)], change }
}

const repeat = (work: () => void) => (times: number) => {
  for (let left = times; left > 0; left--) work()
}

async function measureSnapshots({ scale, progress }: SuiteContext): Promise<Times> {
  progress('snapshot and restore')
  const { runtime, columns } = await fill(ENTITIES)
  const saved = runtime.snapshot()
  let kept: unknown
  const timings = await measure(
    [
      {
        name: 'copy the columns',
        run: repeat(() => {
          kept = columns.map((column) => column.slice(0, ENTITIES + 1))
        }),
      },
      {
        name: 'snapshot',
        run: repeat(() => {
          kept = runtime.snapshot()
        }),
      },
      { name: 'restore', run: repeat(() => runtime.restore(saved)) },
      {
        name: 'a tick, then restore',
        run: repeat(() => {
          runtime.tick(TICK_SECONDS)
          runtime.restore(saved)
        }),
      },
      {
        name: 'snapshot and toBytes',
        run: repeat(() => {
          kept = runtime.snapshot().toBytes()
        }),
      },
    ],
    scale.effort,
  )
  if (kept === undefined) throw new Error('nothing was measured')
  runtime.dispose()
  return timings
}

/** Measured separately, since the other measurements would have to restore its changes first. */
async function measureChanges({ scale, progress }: SuiteContext): Promise<Times> {
  progress('snapshot and restore of what changes')
  const { runtime, columns, change } = await fill(ENTITIES)
  const saved = runtime.snapshot()
  let kept: unknown
  const timings = await measure(
    [
      {
        name: 'copy the columns',
        run: repeat(() => {
          kept = columns.map((column) => column.slice(0, ENTITIES + 1))
        }),
      },
      {
        name: 'snapshot',
        run: repeat(() => {
          change()
          kept = runtime.snapshot()
        }),
      },
      {
        name: 'restore',
        run: repeat(() => {
          change()
          runtime.restore(saved)
        }),
      },
    ],
    scale.effort,
  )
  if (kept === undefined) throw new Error('nothing was measured')
  runtime.dispose()
  return timings
}

async function measureHistory({ progress }: SuiteContext): Promise<{ readonly bytes: number; readonly nanoseconds: number }> {
  progress('history')
  const { runtime } = await fill(HISTORY_ENTITIES)
  const history = new History(runtime, { seconds: HISTORY_TICKS * TICK_SECONDS })
  for (let tick = 0; tick < HISTORY_TICKS / 2; tick++) runtime.tick(TICK_SECONDS)
  const start = performance.now()
  for (let tick = 0; tick < HISTORY_TICKS; tick++) runtime.tick(TICK_SECONDS)
  const nanoseconds = ((performance.now() - start) * 1e6) / HISTORY_TICKS
  const { bytes } = history
  runtime.dispose()
  return { bytes, nanoseconds }
}
