import { describe, expect, it } from 'vitest'
import { decodeRoomSave, encodeRoomSave } from '../../../src/colyseus/keep/room-save.ts'

const SAVE = {
  snapshot: Uint8Array.of(1, 2, 3),
  codes: new Map([
    ['gun', Uint8Array.of(4)],
    ['door', Uint8Array.of()],
  ]),
  notes: [{ seat: 1 }],
}

describe('what a room saves', () => {
  it('is the same after it was bytes', () => {
    const bytes = encodeRoomSave(SAVE)
    expect(decodeRoomSave(bytes)).toEqual(SAVE)
    expect(decodeRoomSave(Buffer.concat([Buffer.of(9), bytes]).subarray(1))).toEqual(SAVE)
  })

  it('is refused if it is cut, or longer than it says, or anything else', () => {
    const bytes = encodeRoomSave(SAVE)
    const refused = expect.objectContaining({ code: 'StateRejected' })
    for (let length = 0; length < bytes.length; length++) expect(() => decodeRoomSave(bytes.subarray(0, length))).toThrow(refused)
    expect(() => decodeRoomSave(Uint8Array.of(...bytes, 0))).toThrow(refused)
    for (const [from, to] of [
      ['"format":1', '"format":2'],
      ['"length":1', '"length":9'],
      ['"snapshot":3', '"snapshot":-'],
      ['"door"', '"gun" '],
    ] as const)
      expect(() => decodeRoomSave(Buffer.from(Buffer.from(bytes).toString('latin1').replace(from, to), 'latin1'))).toThrow(refused)
  })
})
