/**
 * How values of DWARF are written. Each is an export of its own: see `opcode.ts`.
 *
 * https://dwarfstd.org/doc/DWARF5.pdf, 7.5.6
 */

export const addr = 0x01
export const block2 = 0x03
export const block4 = 0x04
export const data2 = 0x05
export const data4 = 0x06
export const data8 = 0x07
export const string = 0x08
export const block = 0x09
export const block1 = 0x0a
export const data1 = 0x0b
export const flag = 0x0c
export const sdata = 0x0d
export const strp = 0x0e
export const udata = 0x0f
export const refAddr = 0x10
export const ref1 = 0x11
export const ref2 = 0x12
export const ref4 = 0x13
export const ref8 = 0x14
export const refUdata = 0x15
export const indirect = 0x16
export const secOffset = 0x17
export const exprloc = 0x18
export const flagPresent = 0x19
export const strx = 0x1a
export const addrx = 0x1b
export const refSup4 = 0x1c
export const strpSup = 0x1d
export const data16 = 0x1e
export const lineStrp = 0x1f
export const refSig8 = 0x20
export const implicitConst = 0x21
export const loclistx = 0x22
export const rnglistx = 0x23
export const refSup8 = 0x24
export const strx1 = 0x25
export const strx4 = 0x28
export const addrx1 = 0x29
export const addrx4 = 0x2c
