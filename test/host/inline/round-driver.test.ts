import { readFileSync } from 'node:fs'
import { addComponent, addEntity, createWorld, removeEntity } from 'bitecs'
import { defineComponents, type LoadOptions, WasmScriptRuntime } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { HAS_VECTORS } from '../../../src/engine/compile.ts'

const CAPACITY = 100
const MOVER = readFileSync(new URL('../../../scripts-wat/mover.wat', import.meta.url), 'utf8')

/** A script with a loop over all entities with a position, from the last to the first. */
function loopOf(round: string, { locals = '', after = '', step = '' }: { locals?: string; after?: string; step?: string } = {}): string {
  return `(module
  (import "ecs.query" "Position" (func $query (result i32)))
  (import "ecs.entity" "Position" (func $entity (param i32) (result i32)))
  (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
  (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
  (import "ecs.get" "Count.n" (func $n (param i32) (result i32)))
  (import "ecs.set" "Count.n" (func $set_n (param i32 i32)))
  (import "game" "note" (func $note (param i32)))
  (func (export "tick") (param $dt f32)
    (local $i i32) (local $e i32) ${locals}
    (local.set $i (call $query))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $i)))
        ${step === '' ? '(local.set $i (i32.sub (local.get $i) (i32.const 1)))' : step}
        (local.set $e (call $entity (local.get $i)))
        ${round}
        (br $next)))
    ${after}))`
}

/** Which ids have entities, and in which order the query has them. */
type Layout = 'all' | 'gaps' | 'shuffled'

async function play(text: string, options: LoadOptions<'Position' | 'Velocity' | 'Count' | 'Dead'>, layout: Layout = 'all', entities = 60) {
  const world = createWorld()
  const schema = { Position: { x: 'f32', y: 'f32' }, Velocity: { x: 'f32', y: 'f32' }, Count: { n: 'i32' }, Dead: {} } as const
  const components = defineComponents(schema, { capacity: CAPACITY, reserve: 65_536 })
  const told: unknown[] = []
  const note = (_: unknown, entity: number): void => void told.push(entity)
  const runtime = await WasmScriptRuntime.create({ world, components, host: { game: { note } } })
  runtime.on('error', ({ code, entity, detail }) => told.push([code, entity, detail]))
  const ids = Array.from({ length: entities }, () => addEntity(world))
  const id = await runtime.loadModule(text, { name: 'loop', ...options })
  if (layout === 'gaps') for (const entity of ids) if (entity % 7 === 3) removeEntity(world, entity)
  const order = layout === 'shuffled' ? ids.map((_, index) => ids[(index * 17) % ids.length] as number) : ids
  for (const [index, entity] of order.entries()) {
    if (layout === 'gaps' && entity % 7 === 3) continue
    for (const component of [components.Position, components.Velocity, components.Count]) addComponent(world, entity, component)
    if (entity >= CAPACITY) continue
    components.Velocity.x[entity] = index
    components.Velocity.y[entity] = -index / 8
    components.Count.n[entity] = entity
  }
  const fuel = [1, 2, 3].map(() => {
    runtime.tick(0.25)
    return runtime.script(id).stats.fuel
  })
  const { Position, Count } = components
  const result = { told, fuel, columns: [[...Position.x], [...Position.y], [...Count.n]] }
  const { loops, obstacle } = runtime.script(id).link ?? {}
  runtime.dispose()
  return { loops, why: obstacle?.why, result }
}

/** Plays with vectors, expects the same one by one and by host functions, and returns what came of it. */
async function compare(text: string, { limits, layout, entities }: { limits?: { fuel: number }; layout?: Layout; entities?: number } = {}) {
  const options = { ...(limits && { limits }) }
  const vector = await play(text, options, layout, entities)
  for (const way of [{ vector: false }, { link: 'host' }] as const) {
    const { result, loops } = await play(text, { ...options, ...way }, layout, entities)
    expect(vector.result, JSON.stringify(way)).toEqual(result)
    expect(loops).toBe(0)
  }
  return vector
}

describe.runIf(HAS_VECTORS)('a loop of tick over a query result', () => {
  it.each<Layout>(['all', 'gaps', 'shuffled'])('runs four rounds at once, with entities of ids that are %s', async (layout) => {
    const { loops, result } = await compare(MOVER, { layout })
    expect(loops).toBe(1)
    expect(result.columns[0]?.some((x) => x > 40)).toBe(true)
  })

  it('calls the host in the same order, with all rounds before done', async () => {
    const { loops, result } = await compare(
      loopOf(`(call $set_n (local.get $e) (i32.add (call $n (local.get $e)) (i32.const 100)))
        (if (i32.eqz (i32.rem_u (local.get $e) (i32.const 13))) (then (call $note (call $n (i32.add (local.get $e) (i32.const 1))))))`),
    )
    expect(loops).toBe(1)
    expect(result.told.slice(0, 4)).toEqual([153, 140, 127, 114])
  })

  it('traps in the same round', async () => {
    const { loops, result } = await compare(
      loopOf('(call $set_n (local.get $e) (i32.div_s (i32.const 60) (i32.sub (call $n (local.get $e)) (i32.const 22))))'),
    )
    expect(loops).toBe(1)
    expect(result.told).toMatchObject([['Trap', undefined, expect.stringContaining('divide by zero')]])
  })

  it.each([37, 200, 201, 202, 203, 777])('runs out of %i units of fuel in the same round', async (fuel) => {
    await compare(loopOf('(call $set_x (local.get $e) (f32.add (call $x (local.get $e)) (local.get $dt)))'), { limits: { fuel } })
  })

  it('refuses an entity beyond the capacity in its round', async () => {
    const { loops, result } = await compare(loopOf('(call $set_x (local.get $e) (local.get $dt))'), { entities: 110 })
    expect(loops).toBe(1)
    expect(result.told).toMatchObject([['EntityOutOfRange', undefined, expect.stringContaining('110')]])
  })

  it('reads what rounds before wrote to other entities', async () => {
    const { loops } = await compare(
      loopOf(`(call $set_n (local.get $e) (i32.add (i32.const 1)
        (select (call $n (i32.add (local.get $e) (i32.const 1))) (i32.const 0) (i32.lt_u (local.get $e) (i32.const 60)))))`),
    )
    expect(loops).toBe(1)
  })

  it('keeps locals that the loop only reads, and ends a loop where a round leaves it', async () => {
    const { loops } = await compare(
      loopOf(
        `(br_if $done (i32.eq (local.get $e) (local.get $last)))
        (call $set_x (local.get $e) (f32.demote_f64 (f64.add (local.get $more) (f64.promote_f32 (call $x (local.get $e))))))`,
        {
          locals: '(local $last i32) (local $more f64) (local.set $last (i32.const 9)) (local.set $more (f64.const 2.5))',
          after: '(call $note (local.get $i))',
        },
      ),
    )
    expect(loops).toBe(1)
  })

  it.each([
    [
      'a sum over all rounds',
      '(local.set $sum (i32.add (local.get $sum) (call $n (local.get $e))))',
      { after: '(call $note (local.get $sum))' },
    ],
    ['a local that the last round leaves behind', '(local.set $sum (call $n (local.get $e)))', { after: '(call $note (local.get $sum))' }],
    [
      'a local that an earlier round may have set',
      `(if (i32.and (local.get $e) (i32.const 1)) (then (local.set $sum (call $n (local.get $e)))))
        (call $set_n (local.get $e) (local.get $sum))`,
      {},
    ],
    [
      'a step that not each round makes',
      '(call $set_x (local.get $e) (local.get $dt))',
      { step: '(if (i32.ne (local.get $i) (i32.const 7)) (then)) (local.set $i (i32.sub (local.get $i) (i32.const 2)))' },
    ],
  ])('runs one by one with %s', async (_, round, more) => {
    const { loops } = await compare(loopOf(round, { locals: '(local $sum i32)', ...more }))
    expect(loops).toBe(0)
  })

  it('says what prevents it', async () => {
    const { loops, why } = await compare(loopOf('(call $note (local.get $e))'))
    expect({ loops, why }).toEqual({ loops: 0, why: 'a call of game note' })
  })
})
