import { describe, expect, it } from 'vitest'
import { Reserve } from '../../../src/ecs/components/reserve.ts'
import { Batch } from '../../../src/ecs/entities/batch.ts'

const reserve = (start: number): Reserve => new Reserve(new WebAssembly.Memory({ initial: 1, maximum: 1 }), start)

describe('Batch', () => {
  it('begins with three words of the ECS memory: the position, the end, and whether to stop', () => {
    const room = reserve(1024)
    const batch = Batch.in(room) as Batch
    const words = new Uint32Array(room.memory.buffer, batch.address, 3)
    batch.at = 64
    batch.end = 128
    batch.isInterrupted = true
    expect([...words]).toEqual([64, 128, 1])
    words.set([68, 132, 0])
    expect([batch.at, batch.end, batch.isInterrupted]).toEqual([68, 132, false])
    // Addresses are unsigned.
    words[0] = 0xffff_fff0
    expect(batch.at).toBe(0xffff_fff0)
  })

  it('is undefined if it does not fit, and frees its memory on dispose', () => {
    expect(Batch.in(undefined)).toBeUndefined()
    expect(Batch.in(reserve(65_536))).toBeUndefined()
    const room = reserve(65_536 - 192)
    const batch = Batch.in(room)
    expect(Batch.in(room)).toBeUndefined()
    batch?.dispose()
    expect(Batch.in(room)).toBeDefined()
  })
})
