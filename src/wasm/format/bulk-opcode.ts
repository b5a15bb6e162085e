/** The instructions with the prefix `0xfc`, by number. Each is an export of its own: see `opcode.ts`. */

export const memoryInit = 8
export const memoryCopy = 10
export const memoryFill = 11
export const tableInit = 12
export const tableCopy = 14
export const tableGrow = 15
export const tableFill = 17
