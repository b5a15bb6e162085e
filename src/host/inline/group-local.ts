/** The locals of the driver of groups. Those of its groups follow. Each is an export of its own: see `opcode.ts`. */

export const group = 2
export const end = 3
export const groups = 4
export const full = 5
export const entities = 6
export const first = 7
export const entity = 8
export const fuel = 9
export const left = 10
export const spent = 11
export const alive = 12
export const bits = 13
/** The byte of a full group, eight times. */
export const manyFull = 14
/** The first entity behind the full groups that follow each other. */
export const stop = 15
/** The first local that the code of groups may use. */
export const firstFree = 16
