import { createWorld } from 'bitecs'
import { defineComponents, WasmScriptRuntime } from 'bitscript'
import { expect, it } from 'vitest'

const READS = `(module
  (import "host" "time" (func $time (result f64)))
  (import "host" "tick" (func $tick (result i32)))
  (func (export "time") (result f64) (call $time))
  (func (export "ticks") (result i32) (call $tick)))`

it.each(['inline', 'host'] as const)('scripts read the simulated time and the ticks, also after a restore, linked by %s', async (link) => {
  const runtime = await WasmScriptRuntime.create({
    world: createWorld(),
    components: defineComponents({ A: { n: 'i32' } }, { capacity: 4 }),
  })
  const id = await runtime.loadModule(READS, { link })
  const read = () => [runtime.call(id, 'time'), runtime.call(id, 'ticks')]
  expect(read()).toEqual([0, 0])
  runtime.tick(0.5)
  const snapshot = runtime.snapshot()
  runtime.tick(0.25)
  expect(read()).toEqual([0.75, 2])
  runtime.restore(snapshot)
  expect(read()).toEqual([0.5, 1])
})

it('calls of them cost the same, inlined or not', async () => {
  const fuel = await Promise.all(
    (['inline', 'host'] as const).map(async (link) => {
      const runtime = await WasmScriptRuntime.create({
        world: createWorld(),
        components: defineComponents({ A: { n: 'i32' } }, { capacity: 4 }),
      })
      const id = await runtime.loadModule(
        READS.replace('(export "ticks") (result i32)', '(export "tick") (param f32)').replace('(call $tick)))', '(drop (call $tick))))'),
        { link },
      )
      runtime.tick(1)
      return runtime.script(id).stats.fuel
    }),
  )
  expect(fuel[0]).toBe(fuel[1])
  expect(fuel[0]).toBeGreaterThan(10)
})
