import { addEntity, createWorld } from 'bitecs'
import { defineComponents, WasmScriptRuntime } from 'bitscript'
import { Past, type TraceOptions } from 'bitscript/debug'
import { median } from '../measure.ts'
import type { SuiteContext } from '../suite.ts'
import { TICK_SECONDS } from '../systems/stage.ts'

const ENTITIES = 100_000
const ROUNDS = 15
const QUICK_ROUNDS = 2

/** Writes two fields of an entity, from four. */
const MOVER = `(module
  (import "ecs.get" "Position.x" (func $x (param i32) (result f32))) (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
  (import "ecs.get" "Position.y" (func $y (param i32) (result f32))) (import "ecs.set" "Position.y" (func $set_y (param i32 f32)))
  (import "ecs.get" "Velocity.x" (func $vx (param i32) (result f32))) (import "ecs.get" "Velocity.y" (func $vy (param i32) (result f32)))
  (func (export "update") (param $eid i32) (param $dt f32) (local $next f32)
    (local.set $next (f32.add (call $x (local.get $eid)) (f32.mul (call $vx (local.get $eid)) (local.get $dt))))
    (call $set_x (local.get $eid) (local.get $next))
    (local.set $next (f32.add (call $y (local.get $eid)) (f32.mul (call $vy (local.get $eid)) (local.get $dt))))
    (call $set_y (local.get $eid) (local.get $next))))`

const NONE: TraceOptions = { lines: false, locals: false, calls: false, writes: false }
const KINDS: readonly (readonly [name: string, options: TraceOptions])[] = [
  ['calls alone', { ...NONE, calls: true }],
  ['writes', { ...NONE, writes: true }],
  ['lines', { ...NONE, lines: true }],
  ['lines and locals', { ...NONE, lines: true, locals: true }],
  ['all', {}],
  ['all, of one entity', { entity: 1000 }],
]

/** Milliseconds of a tick as it runs again, and of all of `trace`, and what it leaves. */
export interface TracingRow {
  readonly name: string
  readonly tick: number
  readonly trace: number
  readonly records: number
  readonly bytes: number
}

/** Measures a tick of many entities, plain and with each kind of record. */
export async function measureTracing({
  scale,
  progress,
}: SuiteContext): Promise<{ readonly plain: number; readonly rows: readonly TracingRow[] }> {
  const world = createWorld()
  const { Position, Velocity } = defineComponents(
    { Position: { x: 'f32', y: 'f32' }, Velocity: { x: 'f32', y: 'f32' } },
    { capacity: ENTITIES + 1000 },
  )
  const runtime = await WasmScriptRuntime.create({ world, components: { Position, Velocity } })
  const mover = await runtime.loadModule(MOVER, { name: 'mover' })
  for (let index = 0; index < ENTITIES; index++) runtime.attach(addEntity(world, Position, Velocity), mover)
  const past = new Past(runtime)
  for (let tick = 0; tick < 30; tick++) runtime.tick(TICK_SECONDS)
  const plain: number[] = []
  const times = KINDS.map(() => ({ tick: [] as number[], trace: [] as number[], records: 0, bytes: 0 }))
  for (let round = -1; round < (scale.quick ? QUICK_ROUNDS : ROUNDS); round++) {
    progress(`tracing ${ENTITIES} entities, round ${round}`)
    const { ms } = runtime.tick(TICK_SECONDS)
    if (round >= 0) plain.push(ms)
    for (const [index, [, options]] of KINDS.entries()) {
      const start = performance.now()
      const trace = await past.trace(20, options)
      const all = performance.now() - start
      const kept = times[index]
      if (kept === undefined || round < 0) continue
      kept.tick.push(trace.report.ms)
      kept.trace.push(all)
      kept.records = trace.length
      kept.bytes = trace.bytes
    }
  }
  past.dispose()
  runtime.dispose()
  return {
    plain: median(plain),
    rows: KINDS.map(([name], index) => {
      const { tick = [], trace = [], records = 0, bytes = 0 } = times[index] ?? {}
      return { name, tick: median(tick), trace: median(trace), records, bytes }
    }),
  }
}
