import { addEntity, createWorld, query } from 'bitecs'
import { defineComponents, WasmScriptRuntime } from 'bitscript'
import type { Side } from '../measure.ts'
import { assemble } from '../wat.ts'
import { componentOf } from './components.ts'

const SECONDS = 1 / 64

/** The body of `update`, and the modules from which each kind of guest imports its accessors. */
function moverOf(get: string, set: string, getVelocity: string, more = ''): string {
  return `(module ${more}
    (import ${get} (func $x (param i32) (result f32))) (import ${set} (func $set (param i32 f32)))
    (import ${getVelocity} (func $velocity (param i32) (result f32)))
    (func (export "update") (param $entity i32) (param $seconds f32)
      (call $set (local.get $entity) (f32.add (call $x (local.get $entity))
        (f32.mul (call $velocity (local.get $entity)) (local.get $seconds))))))`
}

/** Creates a tick over entities that move, for plain JavaScript and for each kind of guest. */
export async function createMovers(entities: number): Promise<readonly (Side & { readonly close: () => void })[]> {
  const script = moverOf('"ecs.get" "Position.x"', '"ecs.set" "Position.x"', '"ecs.get" "Velocity.x"')
  const plugin = script.replace('(module', '(module (import "extism:host/env" "input_length" (func (result i64)))')
  const core = moverOf('"game:ecs/position" "get-x"', '"game:ecs/position" "set-x"', '"game:ecs/velocity" "get-x"')
  const component = await componentOf(core, 'import position; import velocity; export update: func(entity: u32, seconds: f32);')
  const guests = new Map([
    ['script', await assemble(script)],
    ['extism', await assemble(plugin)],
  ])
  if (component !== undefined) guests.set('component', component)
  const movers = [plainMover(entities)]
  for (const [name, source] of guests) movers.push(await guestMover(name, source, entities))
  return movers
}

function createStage(entities: number) {
  const world = createWorld()
  const components = defineComponents({ Position: { x: 'f32' }, Velocity: { x: 'f32' } }, { capacity: entities + 100 })
  const { Position, Velocity } = components
  const all = Array.from({ length: entities }, () => addEntity(world, Position, Velocity))
  for (const entity of all) Velocity.x[entity] = (entity % 7) - 3
  return { world, components, entities: all }
}

function plainMover(entities: number): Side & { close: () => void } {
  const { world, components } = createStage(entities)
  const { Position, Velocity } = components
  const tick = (): void => {
    const [x, velocity] = [Position.x, Velocity.x]
    for (const entity of query(world, [Position, Velocity])) x[entity] = (x[entity] as number) + (velocity[entity] as number) * SECONDS
  }
  return { name: 'plain JavaScript', run: repeat(tick), close: () => undefined }
}

async function guestMover(name: string, source: Uint8Array, count: number): Promise<Side & { close: () => void }> {
  const { world, components, entities } = createStage(count)
  const runtime = await WasmScriptRuntime.create({ world, components, limits: { fuel: 2 ** 30 - 1 } })
  const id = await runtime.loadModule(source, { name })
  for (const entity of entities) runtime.attach(entity, id)
  const tick = (): void => {
    if (runtime.tick(SECONDS).faults > 0) throw new Error(`${name} failed`, { cause: runtime.script(id).fault })
  }
  return { name: `bitscript, ${name}`, run: repeat(tick), close: () => runtime.dispose() }
}

function repeat(work: () => void): (times: number) => void {
  return (times) => {
    for (let left = times; left > 0; left--) work()
  }
}
