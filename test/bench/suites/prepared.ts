import { createWorld } from 'bitecs'
import { defineComponents, prepare, type ScriptSource, WasmScriptRuntime } from 'bitscript'
import { median } from '../measure.ts'
import type { Suite, SuiteContext } from '../suite.ts'
import { formatNumber, type Table } from '../table.ts'

const ROOMS = 100
const SCHEMA = { Position: { x: 'f32', y: 'f32' }, Velocity: { x: 'f32', y: 'f32' } } as const
const MOVER = `(module (import "ecs.get" "Position.x" (func $x (param i32) (result f32))) (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
  (import "ecs.get" "Position.y" (func $y (param i32) (result f32))) (import "ecs.set" "Position.y" (func $set_y (param i32 f32)))
  (import "ecs.get" "Velocity.x" (func $vx (param i32) (result f32))) (import "ecs.get" "Velocity.y" (func $vy (param i32) (result f32)))
  (func (export "update") (param $e i32) (param $dt f32)
    (call $set_x (local.get $e) (f32.add (call $x (local.get $e)) (f32.mul (call $vx (local.get $e)) (local.get $dt))))
    (call $set_y (local.get $e) (f32.add (call $y (local.get $e)) (f32.mul (call $vy (local.get $e)) (local.get $dt))))))`

/** Milliseconds of a load in the first room, and the median of those in the others. */
interface Row {
  readonly source: string
  readonly first: number
  readonly others: number
}

export const prepared: Suite = {
  name: 'prepared',
  about: `loading a script in ${ROOMS} runtimes of one process, from its text and prepared`,
  async run(context) {
    const withMemory = MOVER.replace('(func (export', '(memory 1) (func (export')
    const rows: Row[] = []
    for (const [name, text] of [
      ['mover', MOVER],
      ['mover with a memory', withMemory],
    ] as const) {
      rows.push(await measureLoads(`${name}, text`, text, context))
      rows.push(await measureLoads(`${name}, prepared`, await prepare(text, { name: 'mover' }), context))
    }
    return { tables: [tableOf(rows)], data: { loads: rows } }
  },
}

async function measureLoads(name: string, source: ScriptSource, { scale, progress }: SuiteContext): Promise<Row> {
  progress(name)
  const rooms: { dispose(): void }[] = []
  const times: number[] = []
  for (let room = 0; room < (scale.quick ? 10 : ROOMS); room++) {
    const components = defineComponents(SCHEMA, { capacity: 1000 })
    const runtime = await WasmScriptRuntime.create({ world: createWorld(), components })
    rooms.push(runtime)
    const start = performance.now()
    await runtime.loadModule(source, { name: 'mover' })
    times.push(performance.now() - start)
  }
  for (const room of rooms) room.dispose()
  return { source: name, first: times[0] as number, others: median(times.slice(1)) }
}

function tableOf(rows: readonly Row[]): Table {
  return {
    title: 'prepared: milliseconds of a load, by source',
    columns: ['', 'first', 'others'],
    rows: rows.map(({ source, first, others }) => [source, formatNumber(first), formatNumber(others)]),
    notes: [`first: in the first runtime, which compiles it. others: the median in ${ROOMS - 1} more, with the same components.`],
  }
}
