/** What follows an opcode. Each is an export of its own: see `opcode.ts`. */

/** Not known here: a constant, or an instruction that is refused. */
export const other = 0
export const none = 1
export const label = 2
export const blockType = 3
export const index = 4
export const typeAndTable = 5
export const memory = 6
export const labels = 7
export const types = 8
export const handlers = 9
export const aggregate = 10
export const bulk = 11
export const vector = 12
