import type { ScriptId, TickReport, WasmScriptRuntime } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { TickMeter } from '../../../src/devtools/time/tick-meter.ts'

/** A runtime that reports what it is told. */
function reporting() {
  let hear: (report: TickReport) => void = () => undefined
  let infos: object[] = []
  const runtime = {
    on: (_: string, listener: typeof hear) => {
      hear = listener
      return () => undefined
    },
    scripts: () => infos,
  }
  let now = 0
  const meter = new TickMeter(runtime as unknown as WasmScriptRuntime, () => now)
  meter.start()
  const tick = (at: number, ...ms: readonly number[]): void => {
    now = at
    infos = ms.map((each, id) => ({ id, stats: { entities: 2, ms: each, fuel: id === 0 ? 30 : 10 } }))
    hear({} as TickReport)
  }
  return { meter, tick, load: (id: number) => meter.load(id as ScriptId) }
}

describe('the load of a script', () => {
  it('is the average of the last second, so that a clock which steps by 0.1 ms shows less than that', () => {
    const { tick, load } = reporting()
    tick(0, 5)
    for (let ticks = 1; ticks <= 10; ticks++) tick(1000 + ticks * 50, ticks % 5 === 0 ? 0.1 : 0)
    expect(load(0).ms).toBeCloseTo(0.02)
    expect(load(0)).toMatchObject({ entities: 2, fuel: 30, share: 1 })
  })

  it('has its share of the fuel, and stays while no tick comes', () => {
    const { tick, load } = reporting()
    tick(0, 1, 2)
    expect([load(0).share, load(1).share, load(1).ms]).toEqual([0.75, 0.25, 2])
    expect(load(9)).toEqual({ entities: 0, ms: 0, fuel: 0, share: 0 })
  })
})
