import { describe, expect, it } from 'vitest'
import { formatHex, formatNumbers, parseAddress } from '../../../src/devtools/elements/hex-view.ts'

const bytes = new Uint8Array(20)
bytes.set(new TextEncoder().encode('pi is'))
new DataView(bytes.buffer).setFloat32(8, 2.71801, true)
new DataView(bytes.buffer).setInt32(16, -2, true)

describe('the view of a memory', () => {
  it('shows bytes with their address and characters', () => {
    expect(formatHex(bytes, 0x400).split('\n')).toEqual([
      '00000400  70 69 20 69 73 00 00 00 e0 f3 2d 40 00 00 00 00  pi is.....-@....',
      '00000410  fe ff ff ff                                      ....',
    ])
  })

  it('shows the numbers that they are in a type', () => {
    expect(formatNumbers(bytes, 0, 'f32').split('\n')[0]).toMatch(/ {2}2\.71801 {2}0$/)
    expect(formatNumbers(bytes, 0, 'i32').split('\n')[1]).toBe('00000010  -2')
    expect(formatNumbers(bytes, 0, 'u32').split('\n')[1]).toBe('00000010  4294967294')
    expect(formatNumbers(bytes, 0, 'f64').split('\n')[1]).toBe('00000010')
  })

  it('takes addresses in decimal and hexadecimal', () => {
    expect(['16', ' 0x10 ', '', '-1', '1.5', 'ten', '0x100000000'].map(parseAddress)).toEqual([16, 16, ...Array(5).fill(undefined)])
  })
})
