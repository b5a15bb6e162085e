/**
 * The numbers of the vector instructions that the code has a name for, behind their prefix. Each is an export of its own: see `opcode.ts`.
 *
 * https://webassembly.github.io/spec/core/appendix/index-instructions.html
 */

export const load = 0
export const store = 11
export const constant = 12
export const shuffle = 13
export const swizzle = 14
export const splatI32 = 17
export const splatF32 = 19
export const splatF64 = 20
export const extractI32 = 27
export const replaceI32 = 28
export const replaceF32 = 32
export const equalI32 = 55
export const notEqualI32 = 56
export const lessUnsignedI32 = 58
export const greaterOrEqualUnsignedI32 = 64
export const equalF32 = 65
export const equalF64 = 71
export const not = 77
export const and = 78
export const andNot = 79
export const or = 80
export const exclusiveOr = 81
export const select = 82
export const anyTrue = 83
export const load32Lane = 86
export const load64Lane = 87
export const store32Lane = 90
export const store64Lane = 91
export const load32Zero = 92
export const load64Zero = 93
export const extendI8Signed = 135
export const negateI32 = 161
export const extendI16Signed = 167
export const extendI16Unsigned = 169
export const shiftLeftI32 = 171
export const shiftRightI32 = 172
export const shiftRightUnsignedI32 = 173
export const addI32 = 174
export const subtractI32 = 177
export const multiplyI32 = 181
export const widenMaskLow = 199
export const widenMaskHigh = 200
export const negateF32 = 225
export const rootF32 = 227
export const divideF32 = 231
export const negateF64 = 237
export const rootF64 = 239
export const divideF64 = 243
