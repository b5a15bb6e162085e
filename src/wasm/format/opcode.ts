/**
 * The opcodes that control the flow, that cost more than one unit, that move floats, or that rewriting inserts. Each is an export of its
 * own, so that a bundler writes the number where the name is: code is smaller, and engines make a table of a `switch`.
 *
 * https://webassembly.github.io/spec/core/appendix/index-instructions.html
 */

export const unreachable = 0x00
export const nop = 0x01
export const block = 0x02
export const loop = 0x03
const ifOpcode = 0x04
const elseOpcode = 0x05
const tryOpcode = 0x06
const catchOpcode = 0x07
const throwOpcode = 0x08
export const rethrow = 0x09
export const throwRef = 0x0a
export const end = 0x0b
export const br = 0x0c
export const brIf = 0x0d
export const brTable = 0x0e
const returnOpcode = 0x0f
export const call = 0x10
export const callIndirect = 0x11
export const returnCall = 0x12
export const returnCallIndirect = 0x13
export const callRef = 0x14
export const returnCallRef = 0x15
export const delegate = 0x18
export const catchAll = 0x19
export const drop = 0x1a
export const select = 0x1b
export const tryTable = 0x1f
export const localGet = 0x20
export const localSet = 0x21
export const localTee = 0x22
export const globalGet = 0x23
export const globalSet = 0x24
export const tableSet = 0x26
export const memorySize = 0x3f
export const memoryGrow = 0x40
export const i32Const = 0x41
export const i64Const = 0x42
export const f32Const = 0x43
export const f64Const = 0x44
export const brOnNull = 0xd5
export const brOnNonNull = 0xd6
export const aggregate = 0xfb
export const bulk = 0xfc

export { catchOpcode as catch, elseOpcode as else, ifOpcode as if, returnOpcode as return, throwOpcode as throw, tryOpcode as try }
